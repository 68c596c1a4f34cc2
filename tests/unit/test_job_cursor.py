"""cursor: what a long job may note of where it is, and what is told of what it may not."""

from typing import Any

import pytest
from pydantic import BaseModel

from workerless import JobType, Payload, Tracking
from workerless.errors import DeclarationError, WorkerlessError
from workerless.job_cursor import cursor_text, read_cursor


class Crawl(Payload):
    """What to read."""


class Place(BaseModel):
    """Where a reader is."""

    offset: int
    line: int = 1


@pytest.mark.parametrize(
    ("cursor", "kind"),
    [
        (7, int),
        ("page-3", str),
        (Place(offset=5, line=2), Place),
        ([1, 2], list[int]),
        (("a", 1), tuple[str, int]),
        ({"a": 1.5}, dict[str, float]),
    ],
)
def test_cursor_comes_back_as_what_it_was(cursor: Any, kind: Any) -> None:
    assert read_cursor(cursor_text(cursor, kind), kind) == cursor


@pytest.mark.parametrize("cursor", ["seven", 1.5, Place(offset=1)])
def test_cursor_of_another_type_is_refused(cursor: Any) -> None:
    with pytest.raises(ValueError, match="int"):
        cursor_text(cursor, int)


def test_none_is_no_cursor() -> None:
    with pytest.raises(ValueError, match="must not be None"):
        cursor_text(None, int)


def test_cursor_has_4_kib() -> None:
    assert len(cursor_text("x" * 4_094, str)) == 4_096
    with pytest.raises(ValueError, match="at most 4096 bytes of JSON, got 4097"):
        cursor_text("x" * 4_095, str)


def test_cursor_of_another_version_says_which_field_and_not_what_is_in_it() -> None:
    with pytest.raises(WorkerlessError, match="offset") as error:
        read_cursor('{"line": 2, "secret": "x"}', Place)

    assert "secret" not in str(error.value)


def test_new_field_with_a_default_reads_what_was_kept_before() -> None:
    assert read_cursor('{"offset": 3}', Place) == Place(offset=3, line=1)


def test_cursor_takes_a_record() -> None:
    with pytest.raises(DeclarationError, match="crawl: cursor must be None with tracking off"):
        JobType(name="crawl", payload=Crawl, cursor=int, tracking=Tracking.OFF)


def test_cursor_must_be_what_json_can_keep() -> None:
    class Socket:
        pass

    with pytest.raises(DeclarationError, match="crawl: cursor must be None or a type"):
        JobType(name="crawl", payload=Crawl, cursor=Socket)
