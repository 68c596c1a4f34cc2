"""What a producer of unique jobs needs of the world: which job came last of each key."""

from collections.abc import Sequence
from typing import Protocol

from workerless.frozen import frozen
from workerless.record import Record


@frozen
class Known:
    """What there is when a unique job is enqueued: its own record, and the last job of its key.

    ``last_id`` None: there never was one. ``last`` None: its record is gone.
    """

    own: Record | None
    last_id: str | None
    last: Record | None


@frozen
class Place:
    """A record that becomes the last of its key, where all is still as ``known`` has it.

    ``ended`` is ``known.last`` as it shall be then, where the new job has it cancelled. Under the
    id of ``known.last`` the record takes its place.
    """

    record: Record
    known: Known
    ended: Record | None = None


class UniqueStore(Protocol):
    """Which job came last of each key. Each place is atomic; nothing spans places."""

    def known_many(self, records: Sequence[Record]) -> list[Known]:
        """What there is when these are enqueued; none of them with its body. Consistent reads."""
        ...

    def place_many(self, places: Sequence[Place]) -> list[bool]:
        """Take each place, wholly; False where anything has changed, and nothing was written."""
        ...
