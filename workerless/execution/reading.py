"""Records for the sweeper, each for itself: one that cannot be read holds up no other."""

from collections.abc import Callable, Sequence
from enum import Enum, auto

from workerless.errors import RecordUnreadableError
from workerless.execution.each import each
from workerless.ports import Store, Telemetry
from workerless.record import Record


class Absent(Enum):
    """Why there is an answer and no record: none is stored, or this version cannot read it."""

    GONE = auto()
    UNREADABLE = auto()


def read_each(
    job_ids: Sequence[str], store: Store, telemetry: Telemetry, *, has_time: Callable[[], bool]
) -> list[Record | Absent | None]:
    """The records in order; None where the store gave no answer."""

    def ask(some: Sequence[str]) -> list[Record | Absent]:
        try:
            return [record or Absent.GONE for record in store.get_many(some)]
        except RecordUnreadableError as error:
            if len(some) > 1:
                raise
            telemetry.trouble("record_unreadable", error, job_id=some[0])
            return [Absent.UNREADABLE]

    return each(ask, job_ids, telemetry, has_time=has_time)
