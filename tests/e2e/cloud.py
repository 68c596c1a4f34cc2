"""The deployed cloud as the tests see it, and the copy of the checkout it is deployed from."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workerless.local.state import Running

CHECKOUT = Path(__file__).resolve().parents[2]
SCAFFOLDED = "scaffolded.for_tests"
OPENTELEMETRY = (
    "opentelemetry-api",
    "opentelemetry-sdk",
    "opentelemetry-semantic-conventions",
    "typing-extensions",
)
_COPIED = ("demo", "infra", "requirements", "workerless")
_SHARED = (".build", ".tools", "node_modules")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """``environ`` is for processes that shall use this cloud, and can use nothing else."""

    root: Path
    directory: Path
    running: Running
    environ: dict[str, str]

    def workerless(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Runs the command line in the copy of the checkout."""
        return run_workerless(self.root, self.environ, *arguments, stdin=stdin)


def run_workerless(
    root: Path, environ: dict[str, str], *arguments: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workerless.cli", *arguments],
        cwd=root,
        env=environ,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def copy_checkout(root: Path, functions: Iterable[Path]) -> None:
    """The real one, with these folders as its functions; only caches are shared."""
    ignore = shutil.ignore_patterns("__pycache__")
    for name in _COPIED:
        shutil.copytree(CHECKOUT / name, root / name, ignore=ignore)
    for path in functions:
        shutil.copytree(path, root / "functions" / path.name, ignore=ignore)
    shutil.copy(CHECKOUT / "functions" / "__init__.py", root / "functions")
    for name in _SHARED:
        (CHECKOUT / name).mkdir(exist_ok=True)
        (root / name).symlink_to(CHECKOUT / name)
    for name in ("cdk.json", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, root)


def functions_in(folder: str) -> Iterator[Path]:
    """The functions in one folder of the checkout."""
    return (path.parent for path in (CHECKOUT / folder).glob("*/__init__.py"))


def pin(root: Path, function: str, packages: Iterable[str]) -> None:
    """Have a function of ``root`` require these, as the checkout's own environment has them."""
    pins = (root / "requirements" / "dev.txt").read_text()
    found = [
        re.search(rf"^{package}==.*?(?=^\S|\Z)", pins, re.MULTILINE | re.DOTALL)
        for package in packages
    ]
    text = "".join(one[0] for one in found if one is not None)
    (root / "functions" / function / "requirements.txt").write_text(text)
