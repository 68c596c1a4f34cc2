"""Jobs that a pause held back shall run once it has ended: an operation promotes them."""

from workerless.errors import WorkerlessError
from workerless.flow.settings import PAUSED, Pause
from workerless.ledger import Kind
from workerless.operations.bulk import BulkOperations
from workerless.operations.desk import Desk
from workerless.search import Search
from workerless.states import State
from workerless.tracking import Tracking


def wake(job_type: str, pause: Pause, desk: Desk) -> None:
    """Begin that operation, if any job is waiting so.

    Of a lane it wakes all of the type: whom another pause holds back waits again. Never raises: the
    jobs then wait for their next look, an hour at most.
    """
    if desk.directory.find(job_type).tracking is Tracking.OFF:
        return
    held = Search(
        job_type=job_type,
        states=frozenset({State.SCHEDULED}),
        tenant=pause.tenant,
        reason=PAUSED,
    )
    bulk = BulkOperations(desk)
    try:
        found = bulk.count(Kind.PROMOTE, held)
        if found.number or found.at_least:
            bulk.start(Kind.PROMOTE, held, why="resumed")
    except WorkerlessError as error:
        desk.telemetry.trouble("not_woken", error, job_type=job_type)
