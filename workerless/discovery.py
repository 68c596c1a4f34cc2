"""Finds the job types a checkout declares: imports ``functions/*/job.py``, never a handler."""

import ast
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from workerless.errors import DeclarationError
from workerless.job_type import JobType

_PACKAGE = "functions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A declared job type. ``folder`` is its name below ``functions/``, ``path`` its ``job.py``."""

    folder: str
    job_type: JobType[Any, Any]
    path: Path


def discover(root: Path) -> list[Found]:
    """The job types of the checkout at ``root``, by folder name.

    Raises ``DeclarationError`` naming the file for one that cannot be imported, declares none or
    several job types, or takes a name that another one has.
    """
    paths = sorted((root / _PACKAGE).glob("*/job.py"))
    marker = root / _PACKAGE / "__init__.py"
    if paths and not marker.is_file():
        # A folder without it loses to any package of that name, anywhere on the path.
        raise DeclarationError(f"{marker} must be there, it may be empty; create it")
    with _importable(root):
        found = [_found(path) for path in paths]
    _check_unique(found)
    return found


def _found(path: Path) -> Found:
    folder = path.parent.name
    if not folder.isidentifier():
        raise DeclarationError(
            f"{path}: its folder must be a Python name, like 'send_email', got {folder!r}"
        )
    try:
        module = importlib.import_module(f"{_PACKAGE}.{folder}.job")
    except Exception as error:
        raise DeclarationError(
            f"{path}: cannot be imported: {type(error).__name__}: {error}"
        ) from error
    declared = _declared(module, path)
    if len(declared) != 1:
        raise DeclarationError(
            f"{path}: must declare exactly one JobType, got {len(declared)}"
            f"{''.join(f', {name}' for name in declared)}; give each its own folder"
        )
    return Found(folder=folder, job_type=next(iter(declared.values())), path=path)


def _declared(module: ModuleType, path: Path) -> dict[str, JobType[Any, Any]]:
    """The job types that ``module`` makes itself: one it imports (to chain to) is another's."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, JobType) and name not in imported
    }


def _check_unique(found: list[Found]) -> None:
    paths: dict[str, Path] = {}
    for one in found:
        name = one.job_type.name
        if name in paths:
            raise DeclarationError(
                f"{one.path}: name must be unique, got {name!r}, which {paths[name]} has already"
            )
        paths[name] = one.path


@contextmanager
def _importable(root: Path) -> Iterator[None]:
    """``functions`` means the package of ``root`` here; another of that name is back after."""
    package = root.resolve() / _PACKAGE
    importlib.invalidate_caches()  # a folder may have been made a moment ago
    if package in _locations():
        yield
        return
    others = _forget()
    sys.path.insert(0, str(package.parent))
    try:
        yield
    finally:
        sys.path.remove(str(package.parent))
        _forget()
        sys.modules.update(others)


def _locations() -> list[Path]:
    """Where an import of ``functions`` would look now."""
    spec = importlib.util.find_spec(_PACKAGE)
    return [Path(p).resolve() for p in (spec and spec.submodule_search_locations) or ()]


def _forget() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.split(".", 1)[0] == _PACKAGE]
    return {name: sys.modules.pop(name) for name in names}
