"""The protocol with one thing wrong, each as a mutant that the schedules must catch."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.checkpoint_mutants import CHECKPOINT_MUTANTS
from tests.simulation.decision_mutants import DECISION_MUTANTS
from tests.simulation.letter_mutants import LETTER_MUTANTS
from tests.simulation.mutant import Mutant
from workerless import enqueueing, outbox, retry, stored, transition
from workerless.data_ref import DataRef, result_key
from workerless.execution import (
    admission,
    attempt,
    batch,
    dead_letter,
    files,
    redeliver,
    settle,
    sweep,
)
from workerless.execution.runtime import Runtime
from workerless.limits import INLINE_RESULT_BYTES
from workerless.record import Record
from workerless.states import State
from workerless.testing import store
from workerless.transition import Claim, Finish, Verdict

_act = settle.act
_message = settle._message  # noqa: SLF001 -- mutants reach where nobody else may
_finish = settle._finish  # noqa: SLF001
_admit = admission.admit
_fetched = files.fetched
_send_letter = dead_letter._send  # noqa: SLF001


def _judging(*, wrong: Verdict, right: Verdict) -> Callable[[Record | None, Claim], Verdict]:
    """Says ``right`` where the truth is ``wrong``."""

    def judge(record: Record | None, claim: Claim) -> Verdict:
        verdict = transition.judge(record, claim)
        return right if verdict is wrong and record and not record.state.is_terminal else verdict

    return judge


def _no_self_win(record: Record | None, claim: Claim) -> Verdict:
    lease = record.lease if record and record.state is State.PROCESSING else None
    if lease and lease.token == claim.lease.token:
        return Verdict.LEASED
    return transition.judge(record, claim)


def _charging(record: Record | None, claim: Claim) -> Record:
    new = transition.claimed(record, claim)
    if record and record.state is State.PROCESSING and new.attempt == record.attempt:
        return replace(new, attempt=record.attempt + 1)
    return new


def _no_refund(*args: Any) -> Finish | None:
    finish = _finish(*args)
    return replace(finish, refund=False) if finish else None


def _let_go_when_fenced(*args: Any, **options: Any) -> bool:
    return _act(*args, **options) or args[1] is False


def _no_letter_for_the_failed(arrival: Any, outcome: Any, record: Any, runtime: Any) -> bool:
    if type(outcome).__name__ == "Duplicate":
        return True
    return _message(arrival, outcome, record, runtime)


def _let_go_when_the_store_is_down(*args: Any, **options: Any) -> bool:
    return args[1] is None or _act(*args, **options)


def _send_first(self: Any, name: str, entries: Sequence[Any]) -> Any:
    self.send(name, {one.record.job_id: one.outgoing for one in entries if one.outgoing})
    return self._store.put_many([one.record for one in entries])


def _claim_without_asking(*args: Any, **options: Any) -> Any:
    """Runs what it could not claim."""
    admissions = _admit(*args, **options)
    return [_forced(one) for one in admissions]


def _forced(one: Any) -> Any:
    record = one.record if isinstance(one, admission.Refused) else None
    if record is not None and record.state is State.PROCESSING:
        return admission.Admitted(arrival=one.arrival, record=record)
    return one


def _never_exhausted(retries: Any, **facts: Any) -> Any:
    return retry.Retry(delay=timedelta(seconds=10))


def _sweep_nothing(*_: Any) -> sweep.Swept:
    return sweep.Swept()


def _look_never_again(record: Record, now: datetime) -> datetime:
    return now + timedelta(days=3650)


def _always(*_: Any, **__: Any) -> bool:
    return True


def _never(*_: Any) -> bool:
    return False


def _send_without_looking(arrival: Any, runtime: Any, **attributes: str) -> bool:
    _send_letter(arrival, runtime, **attributes)
    return True


def _store_nothing(*_: Any) -> None:
    """The file is not there before its job is."""


def _fetch_once(run: Any, runtime: Any) -> Any:
    """Takes no answer for an answer."""
    found = _fetched(run, runtime)
    if isinstance(found, admission.Admitted):
        return found
    return files._failed("payload_missing", LookupError(), run, runtime)  # noqa: SLF001


def _refer_without_storing(text: str | None, run: Any, runtime: Any) -> DataRef | None:
    if text is None or len(text) <= INLINE_RESULT_BYTES:
        return None
    key = result_key(run.record.job_type, run.record.job_id, run.record.lease.token)
    return DataRef(bucket="files", key=key, digest=run.record.digest)


def _twin_blind(record: Record | None, finish: Finish) -> bool:
    """What the library did before the simulation found it out."""
    lease = record.lease if record else None
    return bool(lease and lease.token == finish.token and record and record.state is finish.state)


MUTANTS = (
    *LETTER_MUTANTS,
    *DECISION_MUTANTS,
    *CHECKPOINT_MUTANTS,
    Mutant(fault="no fence on finish", owner=store, name="may_finish", by=_always),
    Mutant(
        fault="no cap on attempts that crash",
        owner=store,
        name="judge",
        by=_judging(wrong=Verdict.EXHAUSTED, right=Verdict.GRANTED),
    ),
    Mutant(fault="no cap on attempts that fail", owner=retry, name="plan", by=_never_exhausted),
    Mutant(
        fault="takes live leases",
        owner=store,
        name="judge",
        by=_judging(wrong=Verdict.LEASED, right=Verdict.GRANTED),
    ),
    Mutant(
        fault="runs before its time",
        owner=store,
        name="judge",
        by=_judging(wrong=Verdict.EARLY, right=Verdict.GRANTED),
    ),
    Mutant(
        fault="takes over from company in company",
        owner=store,
        name="judge",
        by=_judging(wrong=Verdict.CRASHED, right=Verdict.GRANTED),
    ),
    Mutant(
        fault="repeats what nobody knows",
        owner=store,
        name="judge",
        by=_judging(wrong=Verdict.DIED, right=Verdict.GRANTED),
    ),
    Mutant(fault="no self-win on claim", owner=store, name="judge", by=_no_self_win),
    Mutant(fault="no self-win on finish", owner=store, name="is_finished_by", by=_never),
    Mutant(
        fault="takes another's finish for its own",
        owner=store,
        name="is_finished_by",
        by=_twin_blind,
    ),
    Mutant(fault="charges for crashes in company", owner=store, name="claimed", by=_charging),
    Mutant(fault="charges for waiting", owner=settle, name="_finish", by=_no_refund),
    Mutant(fault="acknowledges when fenced", owner=settle, name="act", by=_let_go_when_fenced),
    Mutant(
        fault="acknowledges before the record says so",
        owner=settle,
        name="act",
        by=_let_go_when_the_store_is_down,
    ),
    Mutant(
        fault="sends before the record is there",
        owner=outbox.Outbox,
        name="put_and_send",
        by=_send_first,
    ),
    Mutant(
        fault="never sends again what was not sent",
        owner=stored,
        name="_never_started",
        by=_never,
        sweeps=False,
    ),
    Mutant(
        fault="no dead letter for one found failed",
        owner=settle,
        name="_message",
        by=_no_letter_for_the_failed,
    ),
    Mutant(
        fault="does not ask whether the dead letter was sent",
        owner=dead_letter,
        name="_send",
        by=_send_without_looking,
    ),
    Mutant(
        fault="lets waiting wear a message out",
        owner=redeliver,
        name="is_worn",
        by=_never,
    ),
    Mutant(
        fault="takes a short wait for a parked job", owner=redeliver, name="is_parked", by=_always
    ),
    Mutant(
        fault="takes an untracked job for a tracked one",
        owner=Runtime,
        name="is_tracked",
        by=_always,
    ),
    Mutant(fault="records what is lean", owner=enqueueing, name="_is_recorded", by=_always),
    Mutant(fault="never sweeps", owner=sweep, name="sweep", by=_sweep_nothing),
    Mutant(
        fault="puts a job off for ever", owner=sweep, name="look_again_at", by=_look_never_again
    ),
    Mutant(
        fault="takes another's id for its own", owner=transition, name="_is_its_job", by=_always
    ),
    Mutant(
        fault="takes another's payload for its own",
        owner=enqueueing.Entry,
        name="is_same_job",
        by=_always,
    ),
    Mutant(
        fault="stores no file before its job", owner=outbox, name="store_files", by=_store_nothing
    ),
    Mutant(
        fault="takes silence for a missing payload", owner=batch, name="fetched", by=_fetch_once
    ),
    Mutant(
        fault="refers to a result that was not stored",
        owner=attempt,
        name="stored_result",
        by=_refer_without_storing,
    ),
    Mutant(
        fault="runs what it could not claim", owner=batch, name="admit", by=_claim_without_asking
    ),
)
