"""Bulk operations, as an operator starts, follows and ends them. ``driver.py`` drives them on."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from workerless.errors import JobStateError, OperationRefusedError, StoreUnavailableError
from workerless.ledger import Canary, Entry, Kind, Operation, Sheet, Stand
from workerless.operations import driver
from workerless.operations.canary import begun_again, check
from workerless.operations.desk import Desk
from workerless.search import Count, Search
from workerless.states import WAITING, State
from workerless.tracking import Tracking

COUNTED = 20_000
MAX_RATE = 10_000.0
_PAGE = 1_000
_MAX_RACES = 10
_MAX_WHY = 500


class BulkOperations:
    """Those of one stage, in the hands of one operator."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def count(self, kind: Kind, search: Search) -> Count:
        """How many jobs an operation would take: a dry run.

        Counted up to 20,000, and among at most twice as many: of a filter that few jobs fit it may
        tell none, "at least".

        Raises ``OperationRefusedError``, and ``UnknownJobTypeError``.
        """
        meant = _meant(kind, search, self._desk.clock.now())
        self._desk.directory.find(meant.job_type or "")
        return self._count(meant)

    def start(
        self,
        kind: Kind,
        search: Search,
        *,
        why: str | None = None,
        rate: float | None = None,
        canary: Canary | None = None,
    ) -> Operation:
        """Begin an operation on every job that ``search`` finds now; ``rate`` is jobs a second.

        Raises ``OperationRefusedError`` naming what is wrong with it, and ``UnknownJobTypeError``.
        """
        desk, now = self._desk, self._desk.clock.now()
        meant = _meant(kind, search, now)
        _check_rate(rate)
        desk.directory.find(meant.job_type or "")
        self._check_canary(kind, meant, canary)
        found = self._count(meant)
        operation = Operation(
            operation_id=desk.new_id(),
            kind=kind,
            search=meant,
            by=desk.by(),
            created_at=now,
            updated_at=now,
            why=why[:_MAX_WHY] if why else None,
            rate=rate,
            canary=canary,
        )
        counts = replace(operation.counts, total=found.number, at_least=found.at_least)
        operation = replace(operation, counts=counts)
        desk.ledger.note(driver.entry_of(operation, outcome=None, number=None))
        desk.ledger.open(operation)
        desk.ledger.wake(operation)
        desk.kick()
        return operation

    def get(self, operation_id: str) -> Operation:
        """Raises ``OperationNotFoundError``."""
        return self._desk.ledger.operation(operation_id)

    def list(self, *, limit: int = 50, cursor: str | None = None) -> Sheet[Operation]:
        """All operations, the newest first."""
        return self._desk.ledger.operations(limit=limit, cursor=cursor)

    def abort(self, operation_id: str, *, why: str) -> Operation:
        """Have it take no more jobs; the step that is being done is finished at most.

        Raises ``OperationNotFoundError``, and ``JobStateError`` for one that has ended otherwise.
        """

        def aborted(operation: Operation) -> Operation:
            if operation.stand is not Stand.RUNNING:
                raise JobStateError(
                    f"operation {operation_id!r} is {operation.stand}; only a running one can be "
                    "aborted"
                )
            now = self._desk.clock.now()
            told = f"aborted by {self._desk.by()}: {why}"[:_MAX_WHY]
            return replace(operation, stand=Stand.ABORTED, ended_at=now, ended_because=told)

        return self._change(operation_id, "abort", aborted, why=why)

    def resume(self, operation_id: str) -> Operation:
        """Have a stopped or aborted one go on; a running one is driven on.

        Raises ``OperationNotFoundError``, and ``JobStateError`` for one that is done.
        """

        def resumed(operation: Operation) -> Operation:
            if operation.stand is Stand.DONE:
                raise JobStateError(f"operation {operation_id!r} is done; start another one")
            if operation.stand is Stand.RUNNING:
                return operation
            again = begun_again(operation)
            return replace(again, stand=Stand.RUNNING, ended_at=None, ended_because=None)

        operation = self._change(operation_id, "resume", resumed, why=None)
        self._desk.ledger.wake(operation)
        self._desk.kick()
        return operation

    def advance(self, operation_id: str, has_time: Callable[[], bool]) -> Operation:
        """Drive it on in this process, until it has ended, has to wait, or ``has_time`` says no."""
        me = self._desk.new_id()
        return driver.advance(operation_id, self._desk, has_time, driver=me)

    def kick(self) -> None:
        """Have the system function look now, not at the next full minute. Never raises."""
        self._desk.kick()

    def _change(
        self,
        operation_id: str,
        verb: str,
        change: Callable[[Operation], Operation],
        *,
        why: str | None,
    ) -> Operation:
        desk = self._desk
        for _ in range(_MAX_RACES):
            read = desk.ledger.operation(operation_id)
            changed = change(read)
            if changed == read:
                return read
            after = replace(changed, updated_at=desk.clock.now(), driver=None)
            entry = Entry(
                entry_id=desk.new_id(),
                at=after.updated_at,
                by=desk.by(),
                verb=f"{verb} operation",
                on=operation_id,
                why=why[:_MAX_WHY] if why else None,
            )
            desk.ledger.note(entry)
            if desk.ledger.save(after):
                desk.ledger.note(replace(entry, outcome="done", number=1))
                ended = None if after.stand is Stand.RUNNING else after.stand.value
                number = after.counts.done if ended else None
                desk.ledger.note(driver.entry_of(after, outcome=ended, number=number))
                return replace(after, version=after.version + 1)
        raise StoreUnavailableError(
            f"operation {operation_id} was changed by others {_MAX_RACES} times; try again"
        )

    def _count(self, search: Search) -> Count:
        number, cursor = 0, None
        for _ in range(COUNTED // _PAGE):
            found = self._desk.store.search(search, limit=_PAGE, cursor=cursor)
            number, cursor = number + len(found.rows), found.cursor
            if cursor is None:
                break
        return Count(number=number, at_least=cursor is not None)

    def _check_canary(self, kind: Kind, search: Search, canary: Canary | None) -> None:
        if canary is None:
            return
        if kind is not Kind.RETRY:
            raise OperationRefusedError(f"a canary is for {Kind.RETRY} only, got {kind}")
        check(canary)
        if self._desk.directory.find(search.job_type or "").tracking is Tracking.OFF:
            raise OperationRefusedError(
                f"tracking of {search.job_type} is off: nobody would learn how its canary ends; "
                "retry without one, at a low rate"
            )


def estimated_end(operation: Operation, now: datetime) -> datetime | None:
    """When a running operation will have taken all its jobs, at its pace so far; None: unknown."""
    counts, spent = operation.counts, now - operation.created_at
    if operation.stand is not Stand.RUNNING or counts.seen == 0 or spent <= timedelta(0):
        return None
    return now + max(counts.total - counts.seen, 0) * (spent / counts.seen)


def _meant(kind: Kind, search: Search, now: datetime) -> Search:
    """``search`` as the operation goes by it: nothing that comes to its state from ``now`` on."""
    if search.job_type is None:
        raise OperationRefusedError("a bulk operation is of one job type: name it")
    allowed = WAITING if kind.is_for_waiting else frozenset({State.FAILED})
    if search.states - allowed:
        raise OperationRefusedError(
            f"{kind} is for jobs that are {' or '.join(sorted(allowed))}, got "
            f"{', '.join(sorted(search.states))}"
        )
    until = now if search.until is None else min(search.until, now)
    return replace(search, states=search.states or allowed, until=until)


def _check_rate(rate: float | None) -> None:
    if rate is not None and not (math.isfinite(rate) and 0 < rate <= MAX_RATE):
        raise OperationRefusedError(
            f"rate must be more than 0 and at most {MAX_RATE:.0f} jobs a second, got {rate}"
        )
