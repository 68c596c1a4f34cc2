"""What Lambda gets: a layer for all workers, one for the stage's own functions, an asset for each.

A layer holds the library and what it needs; the asset holds ``functions/*.py``, the function's
own folder and its own requirements, what that imports of other folders (the declaration of a job
type that it enqueues for), and for a function that serves all job types their declarations. boto3
comes with Lambda's runtime.
"""

import ast
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.artifact import BUILD, ROOT, Artifact, build_once, copy, describe, tree
from infra.wheels import compile_tree, install
from workerless.discovery import Found
from workerless.errors import WorkerlessError

_LAYER_PREFIX = "/opt/python"
_ASSET_PREFIX = "/var/task"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
_ENTRY = '''"""The function of a pool of job types."""

from workerless.pool import Pool

handler = Pool({members!r})
'''
# Parts of the library that never run in Lambda.
_AT_HOME = frozenset(
    {
        *(
            "alarming",
            "cli",
            "container",
            "contract",
            "dashboard",
            "local",
            "simulation",
            "testing",
        ),
        *("aws/intake.py", "catalogue.py", "drawing.py", "running.py"),
    }
)
# What handlers and producers import, and the entry of a pool. A worker's layer holds these and all
# that they import, be it late: what operates a stage is in the layer of its own functions only.
_FOR_WORKERS = (
    *("__init__", "worker", "chunks", "pool"),
    *("client", "waiting", "otel"),
)
_HTTP_FRAMEWORK = frozenset(
    {"aws_lambda_powertools/event_handler", "aws_lambda_powertools/utilities/data_classes"}
)
# A quarter of what comes with the wheels and of no use to a worker: that framework, what needs
# packages that the layer does not bring, what takes events and batches apart (the library does),
# a plugin of type checkers, and pydantic 1. A job type that wants one of them names its package in
# its own requirements: the asset comes first.
PRUNED = (
    *sorted(_HTTP_FRAMEWORK),
    "aws_lambda_powertools/metrics/provider/datadog",
    "aws_lambda_powertools/utilities/auth_alpha",
    "aws_lambda_powertools/utilities/batch",
    "aws_lambda_powertools/utilities/circuit_breaker",
    "aws_lambda_powertools/utilities/data_masking",
    "aws_lambda_powertools/utilities/feature_flags",
    "aws_lambda_powertools/utilities/idempotency",
    "aws_lambda_powertools/utilities/kafka",
    "aws_lambda_powertools/utilities/parameters",
    "aws_lambda_powertools/utilities/parser",
    "aws_lambda_powertools/utilities/streaming",
    "aws_lambda_powertools/utilities/validation",
    "pydantic/mypy.py",
    "pydantic/v1",
)


def layer(platform: str, *, operates: bool = False, into: Path = BUILD) -> Artifact:
    """The library and ``requirements/lambda.txt``, below ``python/`` as Lambda wants it.

    ``operates``: for the stage's own functions instead of workers.
    """
    wheels = install(
        ROOT / "requirements" / "lambda.txt", platform=platform, prefix=_LAYER_PREFIX, into=into
    )
    library = ROOT / "workerless"
    files = tree(library, without=_AT_HOME)
    if not operates:
        files = _of_workers(library, files)
    pruned = [part for part in PRUNED if not (operates and part in _HTTP_FRAMEWORK)]

    def build(directory: Path) -> None:
        shutil.copytree(wheels.path, directory / "python")
        for part in pruned:
            _prune(directory / "python" / part)
        copy(library, files, directory / "python" / "workerless")
        compile_tree(directory / "python" / library.name, prefix=f"{_LAYER_PREFIX}/{library.name}")

    return build_once("layers", (wheels.key, *pruned, *describe(library, files)), build, into=into)


def _of_workers(library: Path, files: Sequence[Path]) -> list[Path]:
    """Those of ``files`` that a worker can come to import, and what is no module."""
    needed = _with_imported({library / f"{name}.py" for name in _FOR_WORKERS}, library)
    return [file for file in files if file in needed or file.suffix != ".py"]


def _prune(part: Path) -> None:
    """A folder, or a module with what it was compiled to."""
    if part.is_dir():
        shutil.rmtree(part)
        return
    part.unlink()
    for compiled in (part.parent / "__pycache__").glob(f"{part.stem}.*.pyc"):
        compiled.unlink()


def function(
    folder: Path, platform: str, *, declarations: bool = False, into: Path = BUILD
) -> Artifact:
    """The asset of the function in ``folder``, a folder of the package ``functions``.

    With ``declarations`` it can import the ``job.py`` of every job type.
    """
    package = folder.parent
    files = _files(folder)
    if declarations:
        files = sorted({*files, *_declarations(package)})
    wheels = _wheels(folder, platform, into)

    def build(directory: Path) -> None:
        if wheels:
            shutil.copytree(wheels.path, directory, dirs_exist_ok=True)
        copy(package, files, directory / package.name)
        compile_tree(directory / package.name, prefix=f"{_ASSET_PREFIX}/{package.name}")

    inputs = (wheels.key if wheels else "", *describe(package, files))
    return build_once("functions", (folder.name, *inputs), build, into=into)


def pool(members: Sequence[Found], platform: str, *, into: Path = BUILD) -> Artifact:
    """The asset of one function for several job types: the folders and requirements of all.

    Raises ``WorkerlessError`` where they need different versions of a package.
    """
    package = members[0].path.parent.parent
    folders = [one.path.parent for one in members]
    _check_pins(folders)
    files = sorted({file for folder in folders for file in _files(folder)})
    wheels = [made for folder in folders if (made := _wheels(folder, platform, into))]
    entry = _ENTRY.format(members={one.job_type.name: one.folder for one in members})

    def build(directory: Path) -> None:
        for one in wheels:
            shutil.copytree(one.path, directory, dirs_exist_ok=True)
        copy(package, files, directory / package.name)
        (directory / package.name / "_pool.py").write_text(entry, encoding="utf-8")
        compile_tree(directory / package.name, prefix=f"{_ASSET_PREFIX}/{package.name}")

    inputs = (entry, *(one.key for one in wheels), *describe(package, files))
    return build_once("functions", ("pool", *inputs), build, into=into)


def _check_pins(folders: Sequence[Path]) -> None:
    """One function has one version of a package."""
    pins: dict[str, tuple[str, str]] = {}
    for folder in folders:
        path = folder / "requirements.txt"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for package, version in _PIN.findall(text):
            first, known = pins.setdefault(package, (folder.name, version))
            if known != version:
                raise WorkerlessError(
                    f"functions/{first} and functions/{folder.name} share a function and need "
                    f"{package} {known} and {version}; pin the same (make lock), or route them "
                    "apart in infra/settings.py"
                )


def _files(folder: Path) -> list[Path]:
    """Relative to the package: its own modules, and the job type's folder."""
    package = folder.parent
    without = frozenset({"requirements.in", "requirements.txt"})
    own = {Path(folder.name) / file for file in tree(folder, without=without)}
    shared = {Path(path.name) for path in package.glob("*.py")}
    modules = {package / file for file in own | shared if file.suffix == ".py"}
    return sorted(own | shared | _with_imported(modules, package))


def _declarations(package: Path) -> set[Path]:
    """Every ``job.py`` and what these import of the package: never a handler, nor its libraries."""
    return _with_imported(set(package.glob("*/job.py")), package)


def _with_imported(modules: set[Path], package: Path) -> set[Path]:
    """``modules`` and all that they import of the package, relative to it."""
    found: set[Path] = set()
    ahead = set(modules)
    while ahead:
        path = ahead.pop()
        found |= {path, path.with_name("__init__.py")}
        ahead |= set(_imported(path, package)) - found
    return {path.relative_to(package) for path in found if path.is_file()}


def _imported(path: Path, package: Path) -> Iterator[Path]:
    """The modules of the package that ``path`` imports."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        names: list[str] = []
        start = package.parent
        match node:
            case ast.Import():
                names = [one.name for one in node.names]
            case ast.ImportFrom():
                start = path.parents[node.level - 1] if node.level else start
                names = [
                    ".".join(filter(None, [node.module, *last]))
                    for last in ([], *([one.name] for one in node.names))
                ]
        modules = [start.joinpath(*name.split(".")) for name in names if name]
        files = [file for one in modules for file in (one.with_suffix(".py"), one / "__init__.py")]
        yield from (file for file in files if file.is_relative_to(package) and file.is_file())


def _wheels(folder: Path, platform: str, into: Path) -> Artifact | None:
    requirements = folder / "requirements.txt"
    if not requirements.is_file():
        return None
    return install(requirements, platform=platform, prefix=_ASSET_PREFIX, into=into)
