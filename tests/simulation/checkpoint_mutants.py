"""Long jobs with one thing wrong: in what is kept, in where they go on, in what it costs."""

from dataclasses import replace

from tests.simulation.mutant import Mutant
from workerless import transition
from workerless.record import Record
from workerless.states import State
from workerless.testing import store
from workerless.transition import Claim, Finish, Verdict


def _always(*_: object) -> bool:
    return True


def _forgetting(record: Record, finish: Finish) -> Record:
    """Keeps what was written before the end, and not what came with it."""
    return replace(transition.finished(record, finish), checkpoint=record.checkpoint)


def _from_the_start(record: Record | None, claim: Claim) -> Record:
    return replace(transition.claimed(record, claim), checkpoint=None)


def _counting_what_has_moved(record: Record | None, claim: Claim) -> Record:
    new = transition.claimed(record, claim)
    is_next = record is not None and new.continuations > record.continuations
    return replace(new, attempt=record.attempt + 1) if record and is_next else new


def _exhausting_what_has_moved(record: Record | None, claim: Claim) -> Verdict:
    verdict = transition.judge(record, claim)
    if record is None or record.state is not State.PROCESSING or not record.has_advanced:
        return verdict
    is_other = record.lease is not None and record.lease.token != claim.lease.token
    is_last = record.attempt >= record.max_attempts
    return Verdict.EXHAUSTED if is_other and is_last and verdict is Verdict.GRANTED else verdict


CHECKPOINT_MUTANTS = (
    Mutant(
        fault="no fence on what attempts note",
        owner=store,
        name="runs_under",
        by=_always,
        long=True,
    ),
    Mutant(
        fault="loses where an attempt came", owner=store, name="finished", by=_forgetting, long=True
    ),
    Mutant(
        fault="goes on at the start", owner=store, name="claimed", by=_from_the_start, long=True
    ),
    Mutant(
        fault="takes a stall for progress",
        owner=Record,
        name="has_advanced",
        by=property(lambda record: record.lease is not None),
        long=True,
    ),
    Mutant(
        fault="counts a crash that came further",
        owner=store,
        name="claimed",
        by=_counting_what_has_moved,
        long=True,
    ),
    Mutant(
        fault="gives up who came further",
        owner=store,
        name="judge",
        by=_exhausting_what_has_moved,
        long=True,
    ),
)
