"""What reaches a terminal, and what durations are."""

import io
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workerless.cli.duration import duration
from workerless.cli.failure import CommandError
from workerless.cli.output import compact, people, plain, safe
from workerless.payload import Result
from workerless.states import State


@given(st.text())
def test_safe_text_is_one_printable_line(text: str) -> None:
    shown = safe(text)

    assert len(shown.splitlines()) <= 1
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)
    shown.encode()


@given(st.text(alphabet=st.characters(codec="ascii", min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_left_alone(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb\rc\td", r"a\nb\rc\td"),
        ("\x9b", r"\x9b"),
        ("\u202eexe.txt", r"\u202eexe.txt"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\ud800", r"\ud800"),
        ("grüße 日本", "grüße 日本"),
    ],
)
def test_what_could_steer_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_our_values_become_json_data() -> None:
    class Sent(Result):
        at: datetime

    @dataclass(frozen=True)
    class One:
        state: State
        sent: Sent
        errors: tuple[int, ...]

    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)

    assert plain({"one": [One(State.FAILED, Sent(at=noon), (1, 2))], "at": noon}) == {
        "one": [{"state": "failed", "sent": {"at": "2026-01-01T12:00:00Z"}, "errors": [1, 2]}],
        "at": "2026-01-01T12:00:00+00:00",
    }


def test_compact_json_keeps_letters_but_no_controls() -> None:
    assert compact({"a": "grün\u202e"}) == '{"a": "grün\\u202e"}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("2d", timedelta(days=2)),
        ("0s", timedelta(0)),
    ],
)
def test_durations_are_written_with_units(text: str, expected: timedelta) -> None:
    assert duration("--delay", text) == expected


@pytest.mark.parametrize(
    "text", ["", "5", "m", "-5m", "1.5h", "5m1h", "5 m", "\u0661s", "9" * 30 + "s"]
)
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(CommandError, match="--delay must be a duration with units, like 90s"):
        duration("--delay", text)


def test_reader_that_has_had_enough_is_told_to_who_runs_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())

    with pytest.raises(BrokenPipeError):
        people().print("one line too many")
