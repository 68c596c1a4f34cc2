"""A fingerprint is the same for one mistake met by many jobs, and another for another mistake."""

import ipaddress
import string
import uuid
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from workerless.fingerprint import fingerprint, fingerprint_of
from workerless.record import MAX_MESSAGE_CHARACTERS, AttemptError
from workerless.states import State
from workerless.testing.sample import a_record, an_error

LETTERS = st.text(string.ascii_letters, min_size=1, max_size=10)
SAFE = st.text(string.ascii_letters + string.digits + "_.-", min_size=1, max_size=12)


def _hex(number: int) -> str:
    return f"{number:x}"


# What differs from job to job, one kind each: two of a kind make no difference.
KINDS: dict[str, st.SearchStrategy[str]] = {
    "an integer": st.integers().map(str),
    "a decimal": st.decimals(allow_nan=False, allow_infinity=False).map(str),
    "a grouped number": st.integers(0, 10**12).map("{:,}".format),
    "a percentage": st.integers(0, 100).map("{}%".format),
    "a uuid": st.uuids().map(str),
    "a uuid without dashes": st.uuids().map(lambda one: one.hex),
    "a digest": st.integers(16**39, 16**40 - 1).map(_hex),
    "a prefixed id": st.integers(0, 10**9).map("ord_{}".format),
    "an address in memory": st.integers(0, 2**64).map(hex),
    "an IPv4 address": st.ip_addresses(v=4).map(str),
    "an IPv4 address and port": st.ip_addresses(v=4).map("{}:5432".format),
    "an IPv6 address": st.integers(2**100, 2**128 - 1).map(lambda n: str(ipaddress.IPv6Address(n))),
    "a time": st.datetimes().map(lambda one: one.isoformat()),
    "an email address": st.tuples(SAFE, SAFE).map("@".join),
    "an address on the web": st.tuples(SAFE, SAFE).map(
        lambda two: f"https://{two[0]}.example/{two[1]}?x=1"
    ),
    "a path": st.lists(SAFE, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts)),
    "a key with folders": st.lists(LETTERS, min_size=1, max_size=4).map(
        lambda parts: "/".join([*parts, "file.png"])
    ),
    "a quoted value": st.text(max_size=30).map(repr),
    "a list of numbers": st.lists(st.integers(0), min_size=1).map(
        lambda numbers: ", ".join(map(str, numbers))
    ),
}


def _error(message: str, **changes: Any) -> AttemptError:
    fields: dict[str, Any] = {"attempt": 1, "at": an_error().at, "error_type": "OSError"}
    return AttemptError(**{**fields, "message": message, **changes})


def _print(message: str, **changes: Any) -> str:
    return fingerprint(_error(message, **changes), "rejected")


@given(data=st.data(), kind=st.sampled_from(sorted(KINDS)))
def test_what_differs_from_job_to_job_makes_no_difference(data: st.DataObject, kind: str) -> None:
    one, other = data.draw(KINDS[kind]), data.draw(KINDS[kind])

    assert _print(f"no customer {one} in the ledger") == _print(
        f"no customer {other} in the ledger"
    )


@given(data=st.data(), kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=2, max_size=4))
def test_nor_do_several_of_them(data: st.DataObject, kinds: list[str]) -> None:
    one, other = (
        " and then ".join(data.draw(KINDS[kind]) for kind in kinds) for _ in ("one", "other")
    )

    assert _print(f"cannot join {one}") == _print(f"cannot join {other}")


words = st.lists(
    st.text(string.ascii_lowercase, min_size=3, max_size=9).filter(
        lambda word: set(word) - set("abcdef")
    ),
    min_size=1,
    max_size=8,
).map(" ".join)


@given(one=words, other=words)
def test_other_words_are_another_failure(one: str, other: str) -> None:
    assume(one != other)

    assert _print(one) != _print(other)


@given(message=st.text(max_size=200), one=LETTERS, other=LETTERS)
def test_another_type_is_another_failure(message: str, one: str, other: str) -> None:
    assume(one != other)

    assert _print(message, error_type=one) != _print(message, error_type=other)


@given(value=st.text(string.ascii_letters + " ", min_size=MAX_MESSAGE_CHARACTERS, max_size=600))
def test_value_that_was_cut_makes_no_difference(value: str) -> None:
    cut = f"no such row: '{value}' in the ledger"[:MAX_MESSAGE_CHARACTERS]

    assert _print(cut) == _print("no such row: 'a'")


@given(message=st.text(), reason=st.none() | st.text())
def test_fingerprint_is_sixteen_hexadecimal_digits(message: str, reason: str | None) -> None:
    for error in (_error(message, traceback=message), None):
        told = fingerprint(error, reason)
        assert len(told) == 16
        assert set(told) <= set(string.hexdigits.lower())


@given(reason=words, ids=st.tuples(st.uuids(), st.uuids()))
def test_without_an_error_the_reason_tells(reason: str, ids: tuple[uuid.UUID, uuid.UUID]) -> None:
    one, other = (fingerprint(None, f"{reason} {one}") for one in ids)

    assert one == other != fingerprint(None, f"{reason} gone")


@given(state=st.sampled_from(State))
def test_only_jobs_that_ended_in_trouble_have_one(state: State) -> None:
    told = fingerprint_of(a_record(state=state, errors=(an_error(),), reason="rejected"))

    is_troubled = state in {State.FAILED, State.HELD, State.DISCARDED}
    assert told == (fingerprint(an_error(), "rejected") if is_troubled else None)
