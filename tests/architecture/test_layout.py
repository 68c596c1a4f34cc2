"""The shape of the repository: what may be where, and how long it may be."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("workerless", "functions", "infra", "demo", "tools")
MAX_LINES = 300
MAX_MEDIAN_LINES = 80
HEAVY = ("boto3", "botocore", "aws_lambda_powertools", "aws_cdk", "PIL", "httpx", "typer", "rich")


def tracked(*patterns: str) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def sources() -> list[Path]:
    return [path for folder in CODE for path in tracked(f"{folder}/**/*.py", f"{folder}/*.py")]


def line_count(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    long = {str(path): line_count(path) for path in tracked("*.py") if line_count(path) > MAX_LINES}

    assert long == {}


def test_the_median_file_is_at_most_eighty_lines() -> None:
    lengths = sorted(line_count(path) for path in sources())

    assert lengths[len(lengths) // 2] <= MAX_MEDIAN_LINES


def test_no_folder_or_file_is_named_after_nothing() -> None:
    vague = {"utils", "common", "helpers", "manager", "base", "misc"}

    assert [path for path in sources() if vague & {path.stem, *path.relative_to(ROOT).parts}] == []


@pytest.mark.parametrize("module", ["workerless", "workerless.client", "workerless.worker"])
def test_importing_the_library_loads_nothing_heavy(module: str) -> None:
    assert loaded_by(f"import {module}") == set()


def test_importing_a_declaration_loads_nothing_heavy() -> None:
    declarations = [
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for path in tracked("functions/*/job.py")
    ]

    assert declarations
    assert loaded_by("import " + ", ".join(declarations)) == set()


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return {name.split(".")[0] for name in answer.stdout.split()} & set(HEAVY)


def test_no_file_names_a_package_registry() -> None:
    # Spelled in pieces, or this file would be the first to be found.
    hosts = re.compile("|".join(["pypi" + r"\.org", "python" + r"hosted\.org", "npm" + r"js\.org"]))

    named = [
        path for path in tracked() if hosts.search(path.read_bytes().decode("utf-8", "replace"))
    ]

    assert named == []


def test_every_requirement_is_pinned_with_a_hash() -> None:
    for path in tracked("*requirements*.txt", "requirements/*.txt"):
        entries = re.split(r"\n(?=[a-zA-Z])", path.read_text())
        for entry in (one for one in entries if not one.startswith("#")):
            assert re.match(r"[A-Za-z0-9_.\[\],-]+==\S+", entry), (path, entry)
            assert "--hash=sha256:" in entry, (path, entry)


def test_nothing_is_left_undone() -> None:
    marks = re.compile(
        "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error"])
    )

    assert [path for path in tracked("*.py") if marks.search(path.read_text())] == []


def test_no_test_sleeps() -> None:
    slept = [
        path
        for path in tracked("tests/**/*.py")
        if not {"e2e", "chaos"} & {*path.relative_to(ROOT).parts}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep"
    ]

    assert slept == []
