"""A text without sensitive values, however it quotes them."""

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator
from urllib.parse import quote, quote_plus

from workerless.sensitive import REDACTED

# What is shorter is replaced as a word of its own only: it would be found in other words.
_SHORT = 4
# To look for more of them in a text of 256 KiB takes a job's time, so none of it is told.
_MANY = 1_000
_MANY_FORMS = 8_000
# Where a value was shortened, as pydantic and reprlib do it.
_CUT = re.compile(r"\.\.\.|\u2026")
_MANY_CUTS = 1_000
# Python quotes what has both of these by one, and escapes that one.
_BOTH = "'\""


def without(text: str, secrets: Collection[str]) -> str:
    """``text`` without ``secrets``, also as Python, JSON and addresses would quote them.

    And as these quote what one of them has quoted: a JSON text within the ``repr`` of an error.
    Also without what is left of one beside an ellipsis. Nothing of ``text`` where secrets, their
    lines, or ellipses are more than a thousand.
    """
    parts = {part for one in secrets for part in (one, *_lines(one))}
    if len(parts) > _MANY:
        return REDACTED
    forms = {form for one in parts for form in _forms(one)}
    if len(forms) > _MANY_FORMS:
        return REDACTED
    for form in sorted(forms, key=len, reverse=True):  # one may be part of another
        if form not in text:
            continue
        if len(form) >= _SHORT:
            text = text.replace(form, REDACTED)
        else:
            text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", REDACTED, text)
    return _without_ends(text, "\0".join(forms))


def _without_ends(text: str, forms: str) -> str:
    """``text`` without the beginning of a form before an ellipsis, and the end of one after it."""
    cuts = list(_CUT.finditer(text))
    if len(cuts) > _MANY_CUTS:
        return REDACTED
    for cut in reversed(cuts):
        start, end = cut.span()
        before = _longest(lambda size: text[max(start - size, 0) : start], forms)  # noqa: B023 -- called here
        after = _longest(lambda size: text[end : end + size], forms)  # noqa: B023 -- as above
        text = "".join(
            (
                text[: start - before],
                REDACTED if before else "",
                cut[0],
                REDACTED if after else "",
                text[end + after :],
            )
        )
    return text


def _longest(part: Callable[[int], str], forms: str) -> int:
    """The size of the longest part that is in a form; 0 where that is no more than chance."""
    if len(part(_SHORT)) < _SHORT or part(_SHORT) not in forms:
        return 0
    # Where one is too long, each longer one is.
    size = bisect_left(range(len(forms)), 1, lo=_SHORT, key=lambda one: part(one + 1) not in forms)
    return len(part(size))


def _lines(secret: str) -> list[str]:
    """Of many, each by itself: a group's traceback indents them."""
    return [line for line in secret.splitlines() if len(line) >= _SHORT]


def _forms(secret: str) -> Iterator[str]:
    data = _bytes(secret)
    yield from (quote(data, safe=""), quote(data), quote_plus(data))
    for once in set(_quoted(secret)):
        yield from _quoted(once)


def _quoted(text: str) -> Iterator[str]:
    """``text`` itself, and as it stands between quotation marks."""
    yield text
    for told in (
        repr(f"{_BOTH}{text}")[4:-1],
        ascii(f"{_BOTH}{text}")[4:-1],
        repr(_BOTH.encode() + _bytes(text))[5:-1],
    ):
        yield told
        yield told.replace("\\'", "'")
    yield from (json.dumps(text, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
