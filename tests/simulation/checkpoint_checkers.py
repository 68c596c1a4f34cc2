"""What must hold of long jobs: where they go on, and what it costs them. Their cursors count up."""

from collections.abc import Iterator

from tests.simulation.history import History, Started, Wrote
from workerless.record import Record
from workerless.states import State

_OUT_OF_ATTEMPTS = ("attempts_exhausted", "crash_loop", "no_progress")


def cursor_of(record: Record | None) -> int | None:
    """Where the next attempt goes on."""
    return int(record.checkpoint.cursor) if record and record.checkpoint else None


def begun_at(history: History) -> dict[str, int | None]:
    """Where each attempt began, by the token of its lease."""
    return {
        wrote.token: cursor_of(wrote.after)
        for wrote in history.of(Wrote)
        if wrote.call == "claim" and wrote.token
    }


def has_moved(wrote: Wrote, begun: dict[str, int | None]) -> bool:
    """Whether the attempt that ends here, or is found dead, has brought its job further."""
    before = wrote.before
    if before is None or before.lease is None or before.state is not State.PROCESSING:
        return False
    last = wrote.after if wrote.call == "finish" else before
    return cursor_of(last) != begun.get(before.lease.token, cursor_of(last))


def goes_on(wrote: Wrote, begun: dict[str, int | None]) -> bool:
    """Whether another attempt follows one that has moved the cursor."""
    is_next = wrote.call == "claim" or (wrote.call == "finish" and wrote.after.state.is_waiting)
    return is_next and has_moved(wrote, begun)


def who_starts_begins_where_the_job_was(history: History) -> Iterator[str]:
    begun = begun_at(history)
    for started in history.of(Started):
        if started.token in begun and started.cursor != begun[started.token]:
            yield f"{started.job_id} began at {started.cursor}, not at {begun[started.token]}"


def no_job_is_taken_back(history: History) -> Iterator[str]:
    """But by whoever gives it another payload."""
    for wrote in history.of(Wrote):
        before, after = cursor_of(wrote.before), cursor_of(wrote.after)
        is_edit = wrote.before and wrote.before.digest != wrote.after.digest
        if not is_edit and (before or 0) > (after or 0):
            yield f"{wrote.by} took {wrote.after.job_id} from {before} back to {after}"


def only_who_has_moved_continues(history: History) -> Iterator[str]:
    begun = begun_at(history)
    for wrote in history.of(Wrote):
        is_on = wrote.after.continuations > (wrote.before.continuations if wrote.before else 0)
        if is_on and not goes_on(wrote, begun):
            yield f"{wrote.by} continued {wrote.after.job_id}, which had not moved"


def who_has_moved_is_not_given_up(history: History) -> Iterator[str]:
    begun = begun_at(history)
    for wrote in history.of(Wrote):
        is_given_up = wrote.call == "finish" and wrote.after.reason in _OUT_OF_ATTEMPTS
        if is_given_up and has_moved(wrote, begun):
            yield f"{wrote.after.job_id} failed as {wrote.after.reason}, though it had moved"
