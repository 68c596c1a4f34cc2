"""Directories built once for the same inputs, in ``.build/``: a second synth only looks them up."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"
# The recipe is an input like any other: whoever changes it gets new directories.
_RECIPE = tuple(
    Path(__file__).with_name(f"{name}.py") for name in ("artifact", "bundling", "wheels")
)
# Made from sources, so an edit makes a new one, a layer of 18 MB; wheels cost a network and stay.
_PERISHABLE = {"layers", "functions"}
_KEPT_SECONDS = 60 * 60
_JUNK = {"__pycache__", "tests", ".pytest_cache", ".mypy_cache"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A built directory. ``key`` is the hash of its inputs: the same on every machine."""

    path: Path
    key: str


def build_once(
    kind: str, inputs: Iterable[str], build: Callable[[Path], None], *, into: Path
) -> Artifact:
    """The directory below ``into`` that ``build`` fills for ``inputs``, unless it is there yet."""
    key = _hash((kind, *(_content(path) for path in _RECIPE), *inputs))
    path = into / kind / key
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=path.parent, prefix="draft-"))
        try:
            build(draft)
            _normalise(draft)
            _take_place(draft, path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        if kind in _PERISHABLE:
            _forget_old(path.parent)
    os.utime(path)  # last used
    return Artifact(path=path, key=key)


def tree(directory: Path, *, without: frozenset[str] = frozenset()) -> list[Path]:
    """The files below ``directory`` that are worth shipping, sorted, as relative paths.

    ``without`` names files or folders below it that stay at home, by their relative paths.
    """
    return sorted(
        relative
        for path in directory.rglob("*")
        if path.is_file()
        and not without.intersection(_itself_and_above(relative := path.relative_to(directory)))
        and not _JUNK.intersection(relative.parts)
        and path.suffix != ".pyc"
        and not path.name.startswith(".")
    )


def _itself_and_above(relative: Path) -> list[str]:
    return [part.as_posix() for part in (relative, *relative.parents)]


def describe(directory: Path, files: Iterable[Path]) -> list[str]:
    """The names and contents of ``files``, as inputs of ``build_once``."""
    return [f"{file.as_posix()}={_content(directory / file)}" for file in files]


def copy(source: Path, files: Iterable[Path], target: Path) -> None:
    """Copies ``files``, relative to ``source``, to the same places below ``target``."""
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target / file)


def _take_place(draft: Path, path: Path) -> None:
    try:
        draft.rename(path)
    except OSError:
        if not path.is_dir():  # else another synth was first, with the same
            raise


def _forget_old(kind: Path) -> None:
    """Whoever uses a directory touches it: what nobody touched for an hour goes."""
    for path in kind.iterdir():
        if time.time() - path.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def _normalise(directory: Path) -> None:
    """Modes are part of a zip: without this the umask of whoever builds would be, too."""
    directory.chmod(0o755)
    for path in directory.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
