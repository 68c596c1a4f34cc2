"""The pages: their links lead somewhere, and their Python is Python that finds what it imports."""

import ast
import re
from collections import Counter
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from infra.settings import Stage
from workerless import JobType, Schedule
from workerless.cli.exit_code import ExitCode

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text())


def python_blocks() -> list[tuple[str, str]]:
    return [
        (page.name, code)
        for page in PAGES
        for language, code in _FENCE.findall(page.read_text())
        if language == "python"
    ]


def anchors(page: Path) -> set[str]:
    """As the usual forges name headings: lower case, dashes for spaces, no other signs."""
    slugs = [
        re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")
        for heading in _HEADING.findall(prose(page))
    ]
    twice = [slug for slug, count in Counter(slugs).items() if count > 1]
    assert twice == [], f"{page.name} has headings of the same name"
    return set(slugs)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_internal_link_leads_to_a_page_and_a_heading(page: Path) -> None:
    for link in _LINK.findall(prose(page)):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if "://" not in link:
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize(("page", "code"), python_blocks())
def test_every_python_block_compiles_and_finds_what_it_imports(page: str, code: str) -> None:
    imports = [node for node in ast.walk(ast.parse(code, page)) if isinstance(node, ast.ImportFrom)]

    missing = [
        f"{node.module}.{name.name}"
        for node in imports
        if (node.module or "").startswith("workerless")
        for name in node.names
        if not hasattr(import_module(node.module or ""), name.name)
    ]

    assert missing == []


@pytest.mark.parametrize(
    ("page", "code"), [block for block in python_blocks() if "= JobType(" in block[1]]
)
def test_every_job_type_on_a_page_can_be_declared(page: str, code: str) -> None:
    names: dict[str, object] = {"__name__": "page"}

    exec(compile(code, page, "exec"), names)  # noqa: S102 -- our own page

    assert any(isinstance(value, JobType) for value in names.values())


def first_column(page: str, heading: str) -> set[str]:
    """The names in the first column of the first table below ``heading``."""
    section = (ROOT / "docs" / page).read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ")]
    return {name for cell in cells[1:] for name in re.findall(r"[a-z_0-9]+", cell)}


@pytest.mark.parametrize(
    ("page", "heading", "names"),
    [
        ("job-types.md", "The declaration", {field.name for field in fields(JobType)}),
        ("schedules.md", "The declaration", {field.name for field in fields(Schedule)}),
        ("configuration.md", "Stages", {field.name for field in fields(Stage)} - {"name"}),
        ("cli.md", "Exit codes", {str(code.value) for code in ExitCode}),
    ],
)
def test_table_has_a_row_for_everything_there_is_and_for_nothing_else(
    page: str, heading: str, names: set[str]
) -> None:
    assert first_column(page, heading) == names


def test_every_page_is_linked_from_the_first() -> None:
    linked = {link.partition("#")[0] for link in _LINK.findall(prose(ROOT / "README.md"))}

    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} - linked == set()


def test_every_folder_of_the_library_is_on_the_map_of_the_code() -> None:
    page = prose(ROOT / "docs" / "code.md")

    folders = {path.parent.name for path in (ROOT / "workerless").glob("*/__init__.py")}

    assert {folder for folder in folders if f"`{folder}/`" not in page} == set()


def test_every_module_on_the_map_of_the_code_is_there() -> None:
    named = re.findall(r"`([\w/*]+\.py)`", prose(ROOT / "docs" / "code.md"))

    assert [name for name in named if not [*(ROOT / "workerless").rglob(name)]] == []


def test_every_word_of_the_glossary_is_told_once() -> None:
    words = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)

    assert [word for word, count in Counter(words).items() if count > 1] == []
