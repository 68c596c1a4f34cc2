"""The payload of ``enqueue``: from the command line, a file or stdin, checked before it is sent."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError
from workerless.job_type import JobType
from workerless.misfit import checked, first_misfit
from workerless.payload import Payload

_MAX_SHOWN = 5


def read_payload_argument(argument: str) -> dict[str, Any]:
    """The JSON object in ``argument`` itself, in ``@file``, or for ``-`` in stdin."""
    return parse_payload(read_text(argument))


def parse_payload(text: str) -> dict[str, Any]:
    """Raises ``CommandError`` unless ``text`` is a JSON object."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        # Where it breaks, not what it says: values in it may be sensitive, and logs of CI last.
        raise CommandError(f"payload must be JSON: {error}") from error
    if not isinstance(data, dict):
        raise CommandError(f"payload must be a JSON object, got {type(data).__name__}")
    return data


def edited_payload(before: Mapping[str, Any] | None, edit: Callable[[str], str]) -> dict[str, Any]:
    """What somebody makes of ``before`` in an editor. Raises ``CommandError`` for no change."""
    if before is None:
        raise CommandError(
            "the payload cannot be read, so that nothing can be changed in it; give one with --data"
        )
    old = json.dumps(before, indent=2, ensure_ascii=False) + "\n"
    new = edit(old)
    if new.strip() == old.strip():
        raise CommandError("nothing was changed, so nothing is retried", ExitCode.NOT_COMPLETED)
    return parse_payload(new)


def check_payload(job_type: JobType[Any, Any], data: dict[str, Any]) -> Payload:
    """The payload model. Raises ``CommandError`` naming the fields that do not fit."""
    try:
        model: Payload = checked(job_type.payload, data)
    except ValidationError as error:
        problems = [
            str(first_misfit(problem, below="payload"))
            for problem in error.errors(include_url=False, include_input=False)[:_MAX_SHOWN]
        ]
        raise CommandError(
            f"{'; '.join(problems)}; see `workerless schema {job_type.name}`"
        ) from error
    return model


def read_text(argument: str) -> str:
    """``argument`` itself, or what is in ``@file`` or stdin."""
    try:
        if argument == "-":
            return sys.stdin.read()
        if argument.startswith("@"):
            return Path(argument[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            f"payload must be readable UTF-8 text, got {argument}: {error}"
        ) from error
    return argument
