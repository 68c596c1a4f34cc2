"""What the command line prints. Data goes to stdout, all else to stderr.

Texts that come from jobs may hold anything, so control characters never reach the terminal.
"""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel
from rich.console import Console

# C0 and C1 controls, soft line ends, marks that turn or hide text, and halves of surrogate pairs.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def safe(text: object) -> str:
    """``text`` on one line and without what could steer a terminal, as Python writes it."""
    return _UNSAFE.sub(lambda match: ascii(match[0])[1:-1], str(text))


def print_json(value: Any) -> None:
    """One JSON document, ASCII only."""
    sys.stdout.write(json.dumps(plain(value), indent=2, allow_nan=False) + "\n")


def compact(value: Any) -> str:
    """JSON on one line, for people."""
    return safe(json.dumps(plain(value), ensure_ascii=False))


def plain(value: Any) -> Any:  # noqa: PLR0911 -- one return a kind
    """JSON data for our own values: dataclasses, models, instants, durations (in seconds)."""
    match value:
        case BaseModel():
            return value.model_dump(mode="json")
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(name): plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            return value


class _Console(Console):
    """Rich's own ends the program with 1 when a reader has had enough; ``group.py`` does better."""

    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704 -- called where it was caught


def people(*, stderr: bool = False) -> Console:
    """Where people read. Markup is off: a job's text is text."""
    return _Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)
