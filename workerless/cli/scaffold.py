"""The files of a new job type: declaration, handler, event and test, from ``templates/``."""

import builtins
import keyword
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from workerless import naming
from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError
from workerless.discovery import discover
from workerless.job_type import JobType
from workerless.payload import Payload

# What the templates use themselves: a job type of that name would hide it.
_TAKEN_VARIABLES = frozenset(
    {"worker", "perform", "handler", "payload", "job", "json", "read", "read_payload", "pytest"}
    | {"characters", "result", "message", "record", "timedelta", "jobs", "status", "event"}
    | {"effects"}
)
_TAKEN_MODELS = frozenset(
    {"Payload", "Result", "Field", "Exponential", "JobContext", "JobType", "Path"}
    | {"ValidationError", "State", "InMemoryStage"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffold:
    """The words of one new job type, as they stand in its files."""

    name: str
    folder: str
    model: str

    def files(self) -> dict[str, str]:
        """Text by path below the checkout."""
        here = f"functions/{self.folder}"
        templates = {
            f"{here}/__init__.py": "package.txt",
            f"{here}/job.py": "job.txt",
            f"{here}/handler.py": "handler.txt",
            f"events/{self.folder}_bare.json": "event.txt",
            f"tests/functions/test_{self.folder}.py": "test.txt",
        }
        return {path: self._render(template) for path, template in templates.items()}

    def _render(self, template: str) -> str:
        text = files("workerless.cli").joinpath("templates", template).read_text(encoding="utf-8")
        return Template(text).substitute(
            name=self.name,
            folder=self.folder,
            variable=self.folder,
            model=self.model,
            queue=naming.resource("prod", self.name),
        )


def plan(name: str) -> Scaffold:
    """Raises ``DeclarationError`` or ``CommandError`` for a name that cannot be."""
    JobType(name=name, payload=Payload)  # the one home of the rule for names
    folder = name.replace(".", "_")
    model = "".join(word.capitalize() for word in folder.split("_"))
    reserved = (
        keyword.iskeyword(folder) or keyword.issoftkeyword(folder) or hasattr(builtins, folder)
    )
    if reserved or folder in _TAKEN_VARIABLES or model in _TAKEN_MODELS:
        raise CommandError(
            f"name must not be a word that Python or the new files use, got {name!r}; "
            "say what a job does, like 'send_email'"
        )
    return Scaffold(name=name, folder=folder, model=model)


def create(root: Path, scaffold: Scaffold) -> list[Path]:
    """Write the files; returns their paths. Raises ``CommandError`` before it touches anything."""
    declared = {one.job_type.name: one.path for one in discover(root)}
    if scaffold.name in declared:
        raise CommandError(
            f"name must be new, got {scaffold.name!r}, which {declared[scaffold.name]} has",
            ExitCode.CONFLICT,
        )
    module = root / "functions" / f"{scaffold.folder}.py"
    texts = {root / path: text for path, text in scaffold.files().items()}
    there = [path for path in (module.with_suffix(""), module, *texts) if path.exists()]
    if there:
        raise CommandError(
            f"name must be new, got {scaffold.name!r}, but {there[0]} is there already; "
            "choose another or remove it",
            ExitCode.CONFLICT,
        )
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts)
