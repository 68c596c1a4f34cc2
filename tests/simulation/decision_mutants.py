"""People's decisions with one thing wrong: in the store, in what they send, in what is left."""

from dataclasses import replace
from typing import Any

from tests.simulation import operating
from tests.simulation.mutant import Mutant
from workerless import redrive, transition
from workerless.execution import letter
from workerless.operations import redriving
from workerless.record import Record
from workerless.redrive import Redrive
from workerless.testing import store
from workerless.transition import Claim, Verdict

_retry_many = redriving.retry_many
_send_unrecorded = redriving._send_unrecorded  # noqa: SLF001 -- mutants reach where nobody else may


def _same_generation(record: Record, wanted: Redrive) -> Record:
    return replace(redrive.redriven(record, wanted), generation=record.generation)


def _with_the_attempts_it_had(record: Record, wanted: Redrive) -> Record:
    return replace(redrive.redriven(record, wanted), attempt=record.attempt)


def _with_the_digest_it_had(record: Record, wanted: Redrive) -> Record:
    return replace(redrive.redriven(record, wanted), digest=record.digest)


def _whatever_it_is(record: Record | None, *_: Any) -> bool:
    return record is not None


def _never(*_: Any) -> bool:
    return False


def _no_stale(record: Record | None, claim: Claim) -> Verdict:
    """Runs what is left of the life before."""
    verdict = transition.judge(record, claim)
    if verdict is Verdict.STALE and record is not None and record.state.is_waiting:
        return Verdict.GRANTED
    return verdict


def _send_first(seen: Any, desk: Any, **wanted: Any) -> Any:
    now = desk.clock.now()
    going = [
        redrive.redriven(one, Redrive(seen=one, by=wanted["by"], at=now, run_at=now))
        for one in seen
    ]
    redriving.send_again(going, desk)
    return _retry_many(seen, desk, **wanted)


def _delete_first(plans: Any, desk: Any) -> Any:
    desk.store.delete_many([plan.seen for plan in plans])
    return _send_unrecorded(plans, desk)


DECISION_MUTANTS = (
    Mutant(
        fault="redrives into the same generation",
        owner=store,
        name="redriven",
        by=_same_generation,
    ),
    Mutant(
        fault="redrives with the attempts it had",
        owner=store,
        name="redriven",
        by=_with_the_attempts_it_had,
    ),
    Mutant(
        fault="edits the body and not the digest",
        owner=store,
        name="redriven",
        by=_with_the_digest_it_had,
    ),
    Mutant(
        fault="decides about what has moved since",
        owner=store,
        name="is_as_seen",
        by=_whatever_it_is,
    ),
    Mutant(fault="no self-win on redrive", owner=store, name="is_redriven_by", by=_never),
    Mutant(fault="no self-win on dismissal", owner=store, name="is_dismissed_by", by=_never),
    Mutant(fault="runs messages of the life before", owner=store, name="judge", by=_no_stale),
    Mutant(
        fault="sends a redriven job before its record says so",
        owner=operating,
        name="retry_many",
        by=_send_first,
    ),
    Mutant(
        fault="takes the old payload for another job's",
        owner=letter,
        name="is_payload_of",
        by=lambda record, digest: record.digest == digest,
    ),
    Mutant(
        fault="deletes what was filed before its message is sent",
        owner=redriving,
        name="_send_unrecorded",
        by=_delete_first,
    ),
)
