"""The layer's size is a budget: what was left out to keep it, and that nothing needs that."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import bundling
from infra.artifact import ROOT
from tests.infra.checkout import write_checkout

ARM = "aarch64-manylinux_2_28"
X86 = "x86_64-manylinux_2_28"
# Of 250 MB that Lambda allows: each one is fetched and unpacked when a function starts cold.
MAX_BYTES = 13_000_000


def size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


@pytest.mark.parametrize("platform", [ARM, X86])
def test_function_of_a_plain_job_type_is_at_most_thirteen_megabytes(
    platform: str, assets: Path, tmp_path: Path
) -> None:
    plain = write_checkout(tmp_path, {"plain": ""}) / "functions" / "plain"

    parts = [bundling.layer(platform, into=assets), bundling.function(plain, platform, into=assets)]

    assert sum(size(part.path) for part in parts) <= MAX_BYTES


def test_nothing_in_the_layer_imports_what_was_pruned(assets: Path) -> None:
    layer = bundling.layer(ARM, into=assets).path / "python"
    pruned = tuple(part.removesuffix(".py").replace("/", ".") for part in bundling.PRUNED)

    dangling = [
        (path.relative_to(layer).as_posix(), module)
        for path in layer.rglob("*.py")
        for module in imported(path, layer)
        if module.startswith(pruned)
    ]

    assert dangling == []


def test_nothing_in_a_worker_imports_what_only_the_stage_runs(assets: Path) -> None:
    layer = bundling.layer(ARM, into=assets).path / "python"

    missing = [
        (path.relative_to(layer).as_posix(), module)
        for path in (layer / "workerless").rglob("*.py")
        for module in named(path)
        if not is_module(layer / module.replace(".", "/"))
    ]

    assert missing == []


def test_worker_has_every_module_that_handlers_import(assets: Path) -> None:
    layer = bundling.layer(ARM, into=assets).path / "python"
    handlers = [*ROOT.glob("functions/*/handler.py"), *ROOT.glob("tests/e2e/job_types/*/*.py")]
    jobs = [path for path in handlers if path.with_name("job.py").is_file()]

    missing = {
        (path.relative_to(ROOT).as_posix(), module)
        for path in jobs
        for module in named(path)
        if not is_module(layer / module.replace(".", "/"))
    }

    assert jobs
    assert missing == set()


def named(path: Path) -> Iterator[str]:
    """The library's modules that ``path`` imports, be it in a function."""
    for statement in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(statement, ast.Import):
            names = [one.name for one in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            names = [statement.module or ""]
        else:
            continue
        yield from (name for name in names if name.startswith("workerless."))


def is_module(place: Path) -> bool:
    return place.is_dir() or place.with_suffix(".py").is_file()


def imported(path: Path, layer: Path) -> Iterator[str]:
    """The modules that importing ``path`` imports: what a function imports, it may never need."""
    package = path.relative_to(layer).parent.parts
    for statement in ast.parse(path.read_bytes()).body:
        if isinstance(statement, ast.Import):
            yield from (name.name for name in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            above = package[: len(package) + 1 - statement.level] if statement.level else ()
            module = ".".join([*above, *filter(None, [statement.module])])
            yield module
            yield from (f"{module}.{name.name}" for name in statement.names)
