"""What the operator function does with its time: drive on every operation that runs."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from workerless.errors import WorkerlessError
from workerless.ledger import Operation
from workerless.operations.desk import Desk
from workerless.operations.driver import advance

# Of several operations each gets so much time in turn.
_TURN = timedelta(seconds=5)
_PAUSE = timedelta(seconds=1)
# So long it waits for jobs to end, or for a slow rate; then the next minute's call looks again.
_PATIENCE = timedelta(seconds=10)


def drive(desk: Desk, has_time: Callable[[], bool]) -> list[Operation]:
    """The operations that ran, as they are at the end of its time, or when nothing is to be done.

    One that cannot be driven on holds up no other. Raises ``StoreUnavailableError``.
    """
    me, moved_at = desk.new_id(), desk.clock.now()
    known: dict[str, Operation] = {}
    while has_time() and desk.clock.now() - moved_at <= _PATIENCE:
        running = desk.ledger.running()
        turns = {one.operation_id: _turn(one, desk, has_time, me) for one in running}
        known |= turns
        if not running:
            break
        if any(turns[one.operation_id] != one for one in running):
            moved_at = desk.clock.now()
        else:
            desk.clock.sleep(_pause(list(turns.values()), desk))
    return list(known.values())


def _turn(operation: Operation, desk: Desk, has_time: Callable[[], bool], me: str) -> Operation:
    until = desk.clock.now() + _TURN

    def has_turn() -> bool:
        return has_time() and desk.clock.now() < until

    try:
        after = advance(operation.operation_id, desk, has_turn, driver=me)
    except WorkerlessError as error:
        desk.telemetry.trouble("operation_stuck", error, operation_id=operation.operation_id)
        return operation
    return after if after.driver == me else operation


def _pause(known: Sequence[Operation], desk: Desk) -> timedelta:
    """Until the first of them may go on, as far as that is known."""
    now = desk.clock.now()
    waits = [one.paid_until - now for one in known if one.paid_until is not None]
    return max(min([*waits, _PAUSE]), timedelta(milliseconds=10))
