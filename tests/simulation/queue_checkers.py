"""A simulated history as that of a total queue: none lost, none twice, none from nowhere."""

from collections.abc import Iterator

from tests.simulation.history import Accepted, Event, Forgotten, History, Sent, Wrote
from tests.simulation.letters import is_filed, own_id
from tests.simulation.total_queue import Account, Operation, account
from workerless.states import State

_ENDS = ("finish", "cancel", "give up")


def the_queue_loses_nothing(history: History) -> Iterator[str]:
    """What was acknowledged has ended. Needs a sweeper, as ``every_job_ends`` does."""
    return iter(f"lost: {job}" for job in sorted(_account(history).lost))


def the_queue_repeats_and_invents_nothing(history: History) -> Iterator[str]:
    found = _account(history)
    return iter(line for line in found.broken() if not line.startswith("lost"))


def operations(history: History) -> Iterator[Operation]:
    """What producers and workers did, as the records tell it.

    A producer that died or gave up before it was told leaves its enqueueing open: nobody knows. A
    job that never had a record has ended when its message lies in the dead-letter queue, and one
    that is held when nobody is left to decide about it.
    """
    invoked: set[tuple[str, str]] = set()
    for _, event in history.events:
        for process, job in _enqueued(event):
            if (process, job) not in invoked:
                invoked.add((process, job))
                yield process, "invoke", "enqueue", job
        yield from _promised(event)
        yield from _ended(event)
    rest = history.rest()
    recorded = {wrote.after.job_id for wrote in history.of(Wrote)} | set(rest.records)
    for job_id in sorted({letter.job_id for letter in rest.letters} - recorded):
        yield from _at_once("sqs", "end", _named(job_id, 1))
    for record in rest.records.values():
        if record.state is State.HELD:
            yield from _at_once("nobody", "end", _named(record.job_id, record.generation))


def _account(history: History) -> Account:
    """Of all but those whose records were deleted: what became of these nobody can know."""
    forgotten = {forgotten.job_id for forgotten in history.of(Forgotten)}
    return account(one for one in operations(history) if one[3].partition("/")[0] not in forgotten)


def _enqueued(event: Event) -> Iterator[tuple[str, str]]:
    """Who may have put what into the queue."""
    match event:
        case Wrote(before=None, after=after) if after.filed_from is None:
            yield event.by, _named(after.job_id, 1)
        case Sent(is_letter=False, job_id=job_id, needs_record=False):
            yield event.by, _named(job_id, 1)
        case _:
            pass


def _promised(event: Event) -> Iterator[Operation]:
    """Whose job has to end. Of a redrive the write is the promise, whoever hears of it."""
    match event:
        case Accepted(job_id=job_id):
            yield from _at_once("its producer", "enqueue", _named(job_id, 1))
        case Wrote(call="redrive", by=by, after=after):
            yield from _at_once(by, "enqueue", _named(after.job_id, after.generation))
        case _:
            pass


def _ended(event: Event) -> Iterator[Operation]:
    if not isinstance(event, Wrote):
        return
    is_made_of_its_letter = event.before is None and own_id(event.after) == event.after.job_id
    if is_filed(event.after) and is_made_of_its_letter:
        yield from _at_once(event.by, "end", _named(event.after.job_id, event.after.generation))
    if event.call in _ENDS and event.after.state.is_terminal:
        function = "complete" if event.after.state is State.COMPLETED else "end"
        yield from _at_once(event.by, function, _named(event.after.job_id, event.after.generation))


def _at_once(process: str, function: str, job: str) -> Iterator[Operation]:
    yield process, "invoke", function, job
    yield process, "ok", function, job


def _named(job_id: str, generation: int) -> str:
    return job_id if generation == 1 else f"{job_id}/{generation}"
