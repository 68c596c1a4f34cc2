"""A group of dead jobs: those of one job type that failed of what looks like the same error."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """What people said of a group; ``REOPENED``: it was resolved, and has come back since."""

    OPEN = "open"
    RESOLVED = "resolved"
    IGNORED = "ignored"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group as its dead jobs show it now.

    ``at_least`` tells that there are more than were looked at. ``sample_message`` is the latest
    error's, ``sample_ids`` its latest jobs. ``by``, ``at`` and ``why`` are those of the last word
    on it.
    """

    job_type: str
    fingerprint: str
    error_type: str | None
    sample_message: str
    sample_ids: tuple[str, ...]
    count: int
    at_least: bool
    first_seen: datetime
    last_seen: datetime
    status: Status
    by: str | None = None
    at: datetime | None = None
    why: str | None = None
