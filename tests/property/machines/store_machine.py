"""Any calls in any order on a store, beside a specification that is a dictionary."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.property.machines.spec import KEPT, Claimed, Spec
from workerless.due import shard_of
from workerless.errors import JobNotFoundError
from workerless.ports import Due, Postponement, Store
from workerless.record import Progress, Record
from workerless.states import State
from workerless.testing.clock import START, FakeClock
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record

type MakeStore = Callable[[FakeClock], Store]

MOST = 2
IDS = ("a", "b")
ids = st.sampled_from(IDS)
payloads = st.sampled_from(["p1", "p2"])
waits = st.sampled_from([0, 3, 20, 900, 901, 2_000])
finishes = st.sampled_from(["completed", "failed", "discarded", "retrying", "scheduled"])


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


class StoreMachine(RuleBasedStateMachine):
    """Each call happens a second after the one before: what is repeated is told by its instant."""

    def __init__(self, make: MakeStore) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.store = make(self.clock)
        self.spec = Spec()
        self.tokens = count(1)
        self.last: dict[str, str] = {}

    @rule(job_id=ids, payload=payloads, wait=waits)
    def put(self, job_id: str, payload: str, wait: int) -> None:
        now = self._tick()
        record = self._record(job_id, payload, now, now + wait)

        (put,) = self.store.put_many([record])

        assert put.created == self.spec.put(job_id, payload=payload, run_at=now + wait, most=MOST)

    @rule(
        job_id=ids,
        lasts=st.integers(1, 8),
        alone=st.booleans(),
        payload=st.none() | payloads,
        times=st.integers(1, 2),
    )
    def claim(
        self, *, job_id: str, lasts: int, alone: bool, payload: str | None, times: int
    ) -> None:
        """The second time for want of an answer."""
        now = self._tick()
        token = f"t{next(self.tokens)}"
        new = self._record(job_id, payload, now, now) if payload else None
        lease = a_lease(token, until=at(now + lasts), alone=alone)
        claim = a_claim(job_id, lease=lease, now=at(now), new=new)
        same = Claimed(
            token=token, at=now, until=now + lasts, alone=alone, payload=payload, most=MOST
        )
        self.last[job_id] = token

        for _ in range(times):
            (claimed,) = self.store.claim_many([claim])
            assert claimed.verdict.value == self.spec.claim(job_id, same)

    @precondition(lambda self: self.last)
    @rule(
        job_id=ids,
        state=finishes,
        wait=waits,
        reason=st.none() | st.just("why"),
        again=st.lists(st.sampled_from([0, 1]), max_size=2),
    )
    def finish(
        self, job_id: str, state: str, wait: int, reason: str | None, again: list[int]
    ) -> None:
        """As the last to claim. ``again``: at once for want of an answer; a second later as another
        would who found the same attempt dead, and must not take that end for its own.
        """
        if job_id in self.last:
            self._finish(job_id, self.last[job_id], state, wait, reason)
            for later in again:
                self._finish(job_id, self.last[job_id], state, wait, reason, passed=later)

    @rule(job_id=ids, back=st.integers(1, 3), state=finishes)
    def finish_as_one_who_claimed_before(self, job_id: str, back: int, state: str) -> None:
        if job_id in self.last:
            self._finish(job_id, self._before(job_id, back), state, 0, None)

    @rule(job_id=ids, back=st.integers(0, 1), percent=st.integers(0, 100))
    def progress(self, job_id: str, back: int, percent: int) -> None:
        if job_id not in self.last:
            return
        now = self._tick()
        token = self._before(job_id, back)

        kept = self.store.progress(job_id, token, Progress(percent=percent), at(now))

        assert kept == self.spec.progress(job_id, token=token, percent=percent)

    @rule(job_id=ids)
    def cancel(self, job_id: str) -> None:
        now = self._tick()
        expires = at(now + KEPT)

        found = self._state(
            lambda: self.store.cancel(job_id, at=at(now), reason="no", expires_at=expires)
        )

        assert found == self.spec.cancel(job_id)

    @rule(job_id=ids, wait=waits)
    def reschedule(self, job_id: str, wait: int) -> None:
        now = self._tick()

        found = self._state(
            lambda: self.store.reschedule(job_id, run_at=at(now + wait), at=at(now))
        )

        assert found == self.spec.reschedule(job_id, run_at=now + wait)

    @rule(job_id=ids, seen=st.sampled_from([0, 1]), until=st.integers(1, 300))
    def postpone(self, job_id: str, seen: int, until: int) -> None:
        """As a sweeper that saw the job as it is, or as it was a second ago."""
        due = (self.spec.jobs.get(job_id) or {}).get("due")
        if due is None:
            return
        now = self._tick()

        found = Due(job_id=job_id, at=at(due - seen))
        (moved,) = self.store.postpone_many([Postponement(due=found, until=at(now + until))])

        assert moved == self.spec.postpone(job_id, seen=due - seen, until=now + until)

    @rule(seconds=st.sampled_from([1, 5, 60, 1_000]))
    def wait(self, seconds: int) -> None:
        self._tick(seconds)

    @invariant()
    def every_job_is_as_specified(self) -> None:
        found = self.store.get_many(IDS)
        assert [_facts(one) for one in found] == [_wanted(self.spec.living(one)) for one in IDS]

    @invariant()
    def exactly_the_due_are_due(self) -> None:
        found = {
            one.job_id: one.at
            for shard in {shard_of(job_id) for job_id in IDS}
            for one in self.store.due(shard, before=self.clock.now(), limit=10)
        }
        assert found == {job_id: at(due) for job_id, due in self.spec.due().items()}

    def _finish(
        self,
        job_id: str,
        token: str,
        state: str,
        wait: int,
        reason: str | None,
        *,
        passed: int = 1,
    ) -> None:
        now = self._tick(passed) if passed else self.spec.now
        ends = State(state).is_terminal
        (record,) = self.store.get_many([job_id])
        lease = a_lease(token)
        finish = a_finish(
            job_id,
            token=token,
            held=record and replace(record, state=State.PROCESSING, lease=lease),
            state=State(state),
            at=at(now),
            run_at=None if ends else at(now + wait),
            reason=reason,
            refund=state == "scheduled",
            expires_at=at(now + KEPT) if ends else None,
        )

        (won,) = self.store.finish_many([finish])

        assert won == self.spec.finish(
            job_id, token=token, state=state, at=now, run_at=now + wait, reason=reason
        )

    def _before(self, job_id: str, back: int) -> str:
        """The token of one who claimed something ``back`` claims before this job's last."""
        return f"t{int(self.last[job_id][1:]) - back}"

    def _tick(self, seconds: int = 1) -> int:
        self.clock.advance(timedelta(seconds=seconds))
        self.spec.now += seconds
        return self.spec.now

    def _record(self, job_id: str, payload: str, now: int, run_at: int) -> Record:
        return a_record(
            job_id,
            digest=payload,
            state=State.SCHEDULED if run_at > now else State.PENDING,
            max_attempts=MOST,
            run_at=at(run_at),
            enqueued_at=at(now),
            updated_at=at(now),
        )

    def _state(self, change: Callable[[], Record]) -> str | None:
        try:
            return change().state.value
        except JobNotFoundError:
            return None


def machine_on(make: MakeStore) -> type[StoreMachine]:
    """The machine over stores that ``make`` makes, a new one an example."""

    class On(StoreMachine):
        def __init__(self) -> None:
            super().__init__(make)

    return On


def _facts(record: Record | None) -> dict[str, Any] | None:
    if record is None:
        return None
    lease = record.lease
    return {
        "state": record.state.value,
        "payload": record.digest,
        "run_at": record.run_at,
        "attempt": record.attempt,
        "token": lease.token if lease else None,
        "until": lease.until if lease else None,
        "alone": lease.alone if lease else None,
        "percent": record.progress.percent if record.progress else None,
        "reason": record.reason,
        "expires": record.expires_at,
    }


def _wanted(job: dict[str, Any] | None) -> dict[str, Any] | None:
    if job is None:
        return None
    wanted = {name: job[name] for name in job if name not in {"due", "ended_by", "most"}}
    instants = ("run_at", "until", "expires")
    return wanted | {name: at(job[name]) for name in instants if job[name] is not None}
