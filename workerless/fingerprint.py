"""Which failures are the same: a short name for what went wrong, whoever it happened to. Pure.

Derived, never declared: of an error its type, its message without all that differs from job to job
(numbers, ids, addresses, quoted values, paths), and the innermost line of the user's own code, by
file and function. What ended without an error goes by its reason.
"""

import hashlib
import re
from collections.abc import Callable

from workerless.record import MAX_MESSAGE_CHARACTERS, AttemptError, Record
from workerless.states import TROUBLED

_DIGITS = 16
# A message may have been cut, and what differs before the cut moves it: its beginning counts.
_BEGINNING = 120

_FRAME = re.compile(r'^\s*File "([^"\n]+)", line \d+, in (.+)$', re.MULTILINE)
_NOT_OURS = re.compile(
    r"site-packages|dist-packages|/opt/python/|/python3[^/]*/|[/\\]workerless[/\\]|<"
)
_SEPARATOR = re.compile(r"[/\\]")

_VALUE = re.compile(r"(?<!\w)(['\"`])(?:\\.|(?!\1)[^\\])*\1(?!\w)", re.DOTALL)
_CUT_VALUE = re.compile(r"(?<!\w)['\"`][^'\"`]*$")
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s'\"<>]+")
_ADDRESS = re.compile(r"[^\s@<>'\"(),;:=]+@[^\s@<>'\"(),;:]+")
_ROOTED = re.compile(r"(?<![\w>])(?:[a-z]:|~|\.{1,2})?(?:[/\\][^\s/\\'\"<>()\[\]{},;:=]+)+[/\\]?")
_RELATIVE = re.compile(r"[\w.@%+-]+(?:[/\\][\w.@%+-]+)+")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])")
_NUMBER = re.compile(r"[\w+-]*\d[\w+-]*(?:[.:,][\w+-]*\d[\w+-]*)*%?")
_HEXADECIMAL = re.compile(r"\b[0-9a-f]{8,}\b")
_REPEATED = re.compile(r"(<\w+>)(?:\s*[,;]?\s*\1)+")
_SPACE = re.compile(r"\s+")


def fingerprint(error: AttemptError | None, reason: str | None) -> str:
    """16 hexadecimal digits, the same for failures that differ only from job to job."""
    said = (
        (error.error_type, _plain(error.message), _place(error.traceback))
        if error
        else ("", _plain(reason or ""), "")
    )
    text = "\n".join(said).encode(errors="backslashreplace")
    return hashlib.sha256(text).hexdigest()[:_DIGITS]


def fingerprint_of(record: Record) -> str | None:
    """That of the last error of a job that ended in trouble; None for any other."""
    if record.state not in TROUBLED:
        return None
    return fingerprint(record.errors[-1] if record.errors else None, record.reason)


def _plain(message: str) -> str:
    """The beginning of a message without what differs from job to job."""
    text = _VALUE.sub("<value>", message.lower())
    if len(message) >= MAX_MESSAGE_CHARACTERS:
        text = _CUT_VALUE.sub("<value>", text)
    for pattern, by in _VARYING:
        text = pattern.sub(by, text)
    return _SPACE.sub(" ", text).strip()[:_BEGINNING]


def _path_or_words(match: re.Match[str]) -> str:
    """``read/write`` is no path; ``invoices/2024`` and ``a/b.txt`` are."""
    text = match.group()
    return "<path>" if "." in text or any(letter.isdigit() for letter in text) else text


def _place(traceback: str) -> str:
    """Folder, file and function of the innermost frame that no library has; empty without one.

    Neither its line, which every edit moves, nor where the code lies.
    """
    frames = [frame for frame in _FRAME.findall(traceback) if not _NOT_OURS.search(frame[0])]
    if not frames:
        return ""
    path, function = frames[-1]
    return f"{'/'.join(_SEPARATOR.split(path)[-2:])}:{function}"


# In this order: an address holds numbers, a path may hold an address.
_VARYING: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (_URL, "<url>"),
    (_ADDRESS, "<address>"),
    (_ROOTED, "<path>"),
    (_RELATIVE, _path_or_words),
    (_IPV6, "<n>"),
    (_NUMBER, "<n>"),
    (_HEXADECIMAL, "<n>"),
    (_REPEATED, r"\1"),
)
