"""Job types are found in any checkout, and a bad one is named by its file."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workerless.discovery import discover
from workerless.errors import DeclarationError

ROOT = Path(__file__).resolve().parents[2]

DECLARATION = '''
from workerless import JobType, Payload

class P(Payload):
    """One job."""

{name} = JobType(name="{name}", payload=P)
'''

type Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(path: str, text: str) -> None:
        file = tmp_path / "functions" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    write_file("__init__.py", "")
    return write_file


def test_own_job_types_are_those_that_callers_import() -> None:
    from functions.send_email.job import send_email  # noqa: PLC0415 -- after discovery or before

    found = {one.folder: one for one in discover(ROOT)}

    assert found["send_email"].job_type is send_email
    assert found["send_email"].path == ROOT / "functions" / "send_email" / "job.py"


def test_job_types_come_by_folder_whatever_else_is_there(tmp_path: Path, write: Write) -> None:
    write("second/job.py", DECLARATION.format(name="b"))
    write("first/job.py", DECLARATION.format(name="a"))
    write("api/handler.py", "raise RuntimeError('handlers are never imported')")
    write("first/handler.py", "raise RuntimeError('handlers are never imported')")

    assert [(one.folder, one.job_type.name) for one in discover(tmp_path)] == [
        ("first", "a"),
        ("second", "b"),
    ]


def test_checkout_without_functions_declares_nothing(tmp_path: Path) -> None:
    assert discover(tmp_path) == []


def test_project_wide_modules_are_those_of_the_same_checkout(tmp_path: Path, write: Write) -> None:
    write("project.py", "NAME = 'from_project'")
    text = DECLARATION.format(name="a").replace('name="a"', "name=NAME")
    write("a/job.py", "from functions.project import NAME\n" + text)

    assert [one.job_type.name for one in discover(tmp_path)] == ["from_project"]


def test_other_checkouts_modules_do_not_stay(tmp_path: Path, write: Write) -> None:
    write("a/job.py", DECLARATION.format(name="a"))
    before = {name for name in sys.modules if name.startswith("functions")}
    path = list(sys.path)

    discover(tmp_path)

    assert {name for name in sys.modules if name.startswith("functions")} == before
    assert sys.path == path


def test_imported_job_type_is_not_another_declaration(tmp_path: Path, write: Write) -> None:
    write("a/job.py", DECLARATION.format(name="a"))
    write("b/job.py", "from functions.a.job import a\n" + DECLARATION.format(name="b"))

    assert [one.job_type.name for one in discover(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "exactly one JobType, got 0"),
        (DECLARATION.format(name="a") + "c = JobType(name='c', payload=P)", "got 2, a, c"),
        ("import nothing_like_it", "cannot be imported: ModuleNotFoundError"),
        ("a b", "cannot be imported: SyntaxError"),
        (DECLARATION.format(name="a").replace('"a"', '"A"'), "DeclarationError: name must be"),
    ],
)
def test_bad_declaration_is_named_by_its_file(
    tmp_path: Path, write: Write, text: str, said: str
) -> None:
    write("a/job.py", text)

    with pytest.raises(DeclarationError, match=said) as raised:
        discover(tmp_path)

    assert str(tmp_path / "functions" / "a" / "job.py") in str(raised.value)


def test_name_that_two_have_is_refused_with_both_files(tmp_path: Path, write: Write) -> None:
    write("a/job.py", DECLARATION.format(name="same"))
    write("b/job.py", DECLARATION.format(name="same"))

    with pytest.raises(DeclarationError, match=r"b/job\.py: name must be unique.*a/job\.py"):
        discover(tmp_path)


def test_package_that_is_none_is_refused_with_the_fix(tmp_path: Path, write: Write) -> None:
    write("a/job.py", DECLARATION.format(name="a"))
    (tmp_path / "functions" / "__init__.py").unlink()

    with pytest.raises(DeclarationError, match=r"functions/__init__\.py must be there"):
        discover(tmp_path)


def test_folder_that_cannot_be_imported_is_refused(tmp_path: Path, write: Write) -> None:
    write("send-email/job.py", DECLARATION.format(name="a"))

    with pytest.raises(DeclarationError, match="must be a Python name"):
        discover(tmp_path)


def test_discovery_loads_neither_handlers_nor_aws() -> None:
    code = (
        "import sys; from pathlib import Path; from workerless.discovery import discover;"
        "assert discover(Path('.'));"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('boto3', 'botocore', 'aws_lambda_powertools', 'PIL', 'httpx')"
        " or m.endswith('.handler')])"
    )

    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert said == "[]\n"
