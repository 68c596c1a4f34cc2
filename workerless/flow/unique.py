"""Which jobs are alike, and what becomes of one that meets its like. Values for a ``job.py``.

A key is made of the payload, so nobody has to think of one when enqueueing.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from workerless.errors import DeclarationError
from workerless.payload import canonical_json

_DIGITS = 32


class Until(StrEnum):
    """How long a job stands in the way of its like.

    ``STARTED``: until a worker takes it. ``DONE``: until it has ended, however it did.
    ``WINDOW_OVER``: for all of ``within``, though it may have ended long before; only one that was
    cancelled makes room at once.
    """

    STARTED = "started"
    DONE = "done"
    WINDOW_OVER = "window_over"


class OnDuplicate(StrEnum):
    """What a second job does to the one in its way.

    ``REJECT``: nothing, it is not enqueued. ``REPLACE``: it gives it its payload and its time.
    ``KEEP_LAST``: it has it cancelled, and is enqueued itself.
    """

    REJECT = "reject"
    REPLACE = "replace"
    KEEP_LAST = "keep_last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unique:
    """One job at a time of those with equal payloads, or equal fields ``by`` (names in JSON).

    It stands in the way ``until`` then, and never longer than ``within`` after it was enqueued.
    Raises ``DeclarationError``.
    """

    by: tuple[str, ...] | None = None
    until: Until = Until.DONE
    within: timedelta | None = None
    on_duplicate: OnDuplicate = OnDuplicate.REJECT

    def __post_init__(self) -> None:
        _check_by("Unique", self.by)
        _check_kind("until", self.until, Until)
        _check_kind("on_duplicate", self.on_duplicate, OnDuplicate)
        if self.within is not None and self.within <= timedelta(0):
            raise DeclarationError(f"Unique: within must be None or above 0 s, got {self.within}")
        if self.until is Until.WINDOW_OVER and self.within is None:
            raise DeclarationError(
                "Unique: within must say how long until=WINDOW_OVER is, got None"
            )
        if self.on_duplicate is not OnDuplicate.REJECT and self.until is not Until.STARTED:
            raise DeclarationError(
                f"Unique: until must be STARTED with on_duplicate={self.on_duplicate.name}, got "
                f"{self.until.name}: what runs cannot be replaced, and the newer payload would be "
                "lost"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Debounce:
    """One job for many calls in a row: it runs, with the last payload, ``wait`` after the last.

    At most ``max_delay`` after the first of them. ``leading`` runs the first at once, and one for
    all that follow it within ``wait``. ``by`` is as in ``Unique``. Raises ``DeclarationError``.
    """

    wait: timedelta
    by: tuple[str, ...] | None = None
    max_delay: timedelta | None = None
    leading: bool = False

    def __post_init__(self) -> None:
        _check_by("Debounce", self.by)
        if self.wait <= timedelta(0):
            raise DeclarationError(f"Debounce: wait must be above 0 s, got {self.wait}")
        if self.max_delay is not None and self.max_delay < self.wait:
            raise DeclarationError(
                f"Debounce: max_delay must be None or at least wait ({self.wait}), "
                f"got {self.max_delay}"
            )


type Uniqueness = Unique | Debounce


def key_of(rule: Uniqueness, job_type: str, data: Mapping[str, Any], tenant: str | None) -> str:
    """What jobs that are alike have in common: 32 hexadecimal digits.

    Tenants have keys of their own: none learns of another's jobs.
    """
    told = data if rule.by is None else {name: data.get(name) for name in rule.by}
    text = canonical_json([job_type, tenant, told])
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:_DIGITS]


def _check_kind(field: str, got: object, kind: type[StrEnum]) -> None:
    """A text would pass for a member here and there, and mean nothing elsewhere."""
    if not isinstance(got, kind):
        allowed = ", ".join(f"{kind.__name__}.{one.name}" for one in kind)
        raise DeclarationError(f"Unique: {field} must be one of {allowed}, got {got!r}")


def _check_by(kind: str, by: object) -> None:
    if by is None:
        return
    names = by if isinstance(by, tuple) else ()
    are_names = all(isinstance(one, str) and one for one in names)
    if not names or not are_names or len(set(names)) != len(names):
        raise DeclarationError(
            f"{kind}: by must be None (the whole payload) or a tuple of different fields, "
            f"got {by!r}"
        )
