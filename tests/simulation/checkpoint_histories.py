"""What became of long jobs, as pieces of histories that the checkers must refuse, or let pass."""

from dataclasses import replace

from tests.simulation import checkpoint_checkers as checkpoint
from tests.simulation.checkers import Checker
from tests.simulation.histories import (
    ACCEPTED,
    COMPLETED,
    CRASHED,
    HOOKED,
    LATER,
    PENDING,
    acknowledged,
    rest,
    running,
    started,
    wrote,
)
from tests.simulation.history import Event
from workerless.record import Checkpoint, Record
from workerless.states import State
from workerless.testing.clock import START


def at(place: int, record: Record, *, by: str = "one", times: int = 0) -> Record:
    """The record of a job that is there."""
    kept = Checkpoint(cursor=str(place), by=by, at=START)
    return replace(record, checkpoint=kept, continuations=times)


RUNNING = running()
CLAIM = wrote("claim", PENDING, RUNNING)
KEPT = wrote("checkpoint", RUNNING, at(1, RUNNING))
WAITING = replace(RUNNING, state=State.SCHEDULED, attempt=0)
CONTINUED = wrote("finish", KEPT.after, at(1, WAITING, times=1))
SECOND = wrote("claim", CONTINUED.after, at(1, running("two"), times=1), under="two")
DONE = at(2, replace(COMPLETED, lease=running("two").lease), by="two", times=1)
TAKEN_OVER = at(1, running("two"), times=1)

BAD: list[tuple[Checker, tuple[Event, ...]]] = [
    (checkpoint.who_starts_begins_where_the_job_was, (SECOND, started(under="two"))),
    (checkpoint.no_job_is_taken_back, (wrote("claim", CONTINUED.after, running("two")),)),
    (checkpoint.no_job_is_taken_back, (wrote("checkpoint", at(2, RUNNING), at(1, RUNNING)),)),
    (
        checkpoint.only_who_has_moved_continues,
        (CLAIM, wrote("finish", RUNNING, replace(WAITING, continuations=1))),
    ),
    (
        checkpoint.who_has_moved_is_not_given_up,
        (CLAIM, KEPT, wrote("finish", KEPT.after, at(1, CRASHED))),
    ),
]
GOOD: list[tuple[Event, ...]] = [
    (
        ACCEPTED,
        CLAIM,
        started(),
        KEPT,
        CONTINUED,
        acknowledged(CONTINUED.after, others=1),
        SECOND,
        replace(started(under="two"), cursor=1),
        wrote("finish", SECOND.after, DONE, under="two"),
        HOOKED,
        rest(DONE),
    ),
    (
        ACCEPTED,
        CLAIM,
        started(),
        KEPT,
        wrote("claim", KEPT.after, TAKEN_OVER, now=LATER, under="two"),
        replace(started(under="two"), cursor=1),
        wrote("finish", TAKEN_OVER, DONE, under="two"),
        HOOKED,
        rest(DONE),
    ),
]
