"""Durations as people write them: ``90s``, ``10m``, ``1h30m``, ``2d``, ``250ms``."""

import re
from datetime import timedelta

from workerless.cli.failure import CommandError

_DURATION = re.compile(
    r"(?:(?P<days>[0-9]{1,4})d)?(?:(?P<hours>[0-9]{1,5})h)?"
    r"(?:(?P<minutes>[0-9]{1,6})m)?(?:(?P<seconds>[0-9]{1,8})s)?"
    r"(?:(?P<milliseconds>[0-9]{1,9})ms)?"
)


def duration(option: str, text: str) -> timedelta:
    """Raises ``CommandError`` naming ``option``."""
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise CommandError(
            f"{option} must be a duration with units, like 90s, 10m or 1h30m, got {text!r}"
        )
    return timedelta(**{unit: int(number or 0) for unit, number in match.groupdict().items()})
