"""A cursor goes on where its page ended, for its own search alone, and tells nobody anything."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workerless.cursor import opened, seal
from workerless.errors import CursorRefusedError

ALPHABET = string.ascii_letters + string.digits + "-_"
texts = st.text(max_size=300)
secrets = st.binary(min_size=32, max_size=32)


@given(text=texts, of=texts, secret=secrets)
def test_what_was_sealed_is_what_is_opened(text: str, of: str, secret: bytes) -> None:
    cursor = seal(text, of=of, secret=secret)

    assert opened(cursor, of=of, secret=secret) == text
    assert seal(text, of=of, secret=secret) == cursor
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?#% ")


@given(text=texts, of=texts, other=texts, secret=secrets)
def test_cursor_of_another_search_is_refused(text: str, of: str, other: str, secret: bytes) -> None:
    assume(of != other)

    with pytest.raises(CursorRefusedError):
        opened(seal(text, of=of, secret=secret), of=other, secret=secret)


@given(text=texts, of=texts, secret=secrets, other=secrets)
def test_cursor_of_another_stage_is_refused(
    text: str, of: str, secret: bytes, other: bytes
) -> None:
    assume(secret != other)

    with pytest.raises(CursorRefusedError):
        opened(seal(text, of=of, secret=secret), of=of, secret=other)


@given(text=texts, data=st.data())
def test_cursor_with_any_character_changed_is_refused(text: str, data: st.DataObject) -> None:
    cursor = seal(text, of="search", secret=bytes(32))
    at = data.draw(st.integers(0, len(cursor) - 1))
    changed = (
        cursor[:at] + data.draw(st.sampled_from(ALPHABET) | st.characters()) + cursor[at + 1 :]
    )
    assume(changed != cursor)

    with pytest.raises(CursorRefusedError):
        opened(changed, of="search", secret=bytes(32))


@given(cursor=st.text(st.characters(exclude_categories=[])))
def test_any_other_text_is_refused(cursor: str) -> None:
    with pytest.raises(CursorRefusedError):
        opened(cursor, of="search", secret=bytes(32))


def test_what_is_in_a_cursor_cannot_be_read() -> None:
    cursor = seal("another tenant's job-id", of="search", secret=bytes(32))

    assert "job-id" not in cursor
    assert seal("another tenant's job-ie", of="search", secret=bytes(32))[22:] != cursor[22:]
