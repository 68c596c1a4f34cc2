"""The gate of one rate limit: a job takes a slot just ahead, or a place in the line outside.

How slots and places are given is in ``flow.pacing``. One conditional write mostly does: what to try
is guessed (``guess``), and a write that was refused tells how the limiter stands.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from workerless.execution.admission import Admitted
from workerless.execution.failure import describe, secrets_in
from workerless.execution.gate import Candidate, Go
from workerless.execution.gates.guess import Guesses
from workerless.execution.gates.place import WHY, Place, place_of
from workerless.execution.runtime import Runtime
from workerless.flow.pacing import (
    Pace,
    Step,
    asking,
    is_place,
    microseconds,
    moment,
    moment_of,
)
from workerless.flow.rate import RateLimit
from workerless.flow.settings import FlowSettings
from workerless.flow.wish import Wish, wish_of
from workerless.flow_ports import RateStore
from workerless.frozen import replace
from workerless.outcome import Failed, Outcome, Waiting

# Who was overtaken or came late so often looks again in a moment.
_MOST_WRITES = 5
_AGAIN = Waiting(delay=timedelta(seconds=1), why=WHY)
_LONGEST_CALL_US = 500_000


class RateGate:
    """One limit in one execution environment."""

    def __init__(
        self,
        limit: RateLimit,
        name: str,
        store: RateStore,
        settings: Callable[[datetime], FlowSettings],
    ) -> None:
        self.name = f"rate:{name}"
        self._limit, self._limiter, self._store = limit, name, store
        self._settings = settings
        self._guesses = Guesses()
        self._calls_us = deque[int](maxlen=2)
        self._given: dict[str, datetime] = {}

    def ask(self, candidate: Candidate, runtime: Runtime) -> Go | Outcome:
        now, record = runtime.ports.clock.now(), candidate.run.record
        until = self._given.get(record.job_id)
        if until is not None and now <= until:
            return Go(until=until)  # asked again, for another gate's sake
        settings = self._settings(now)
        try:
            wish = wish_of(
                self._limit,
                self._limiter,
                candidate.payload,
                job_id=record.job_id,
                tenant=record.tenant,
                override=settings.overrides.get(self.name),
                factor=settings.factor,
            )
        except Exception as error:  # noqa: BLE001 -- a team's own function may raise anything
            secrets = secrets_in(candidate.payload)
            told = describe(error, attempt=record.attempt, at=now, secrets=secrets)
            return Failed(reason="invalid_rate_limit", error=told)
        if wish is None:
            return Go()
        answer = self._answer(wish, place_of(self.name, record), runtime)
        if isinstance(answer, Go) and answer.until is not None:
            self._given[record.job_id] = answer.until
        return answer

    def leave(self, run: Admitted, outcome: Outcome, runtime: Runtime) -> None:  # noqa: ARG002 -- as all gates
        """A slot that was not used is gone: to give it back would cost as much as to take it."""
        self._given.pop(run.record.job_id, None)

    def _answer(self, wish: Wish, place: Place, runtime: Runtime) -> Go | Waiting:
        if wish.pace is None:
            return place.looks_again()
        return self._take(wish.limiter, wish.pace, wish.points, place, runtime)

    def _take(
        self, limiter: str, pace: Pace, points: int, place: Place, runtime: Runtime
    ) -> Go | Waiting:
        clock = runtime.ports.clock
        place = place.at_pace(pace, microseconds(clock.now()))
        for _ in range(_MOST_WRITES):
            now = microseconds(clock.now())
            # It cannot start before it has its answer: a slot that is past by then is none. The
            # shorter of two calls, since one that took long is no rule and slots are dear.
            ahead = min(self._calls_us, default=0)
            seen = self._guesses.seen(limiter)
            ask = asking(pace, points, now + ahead, is_back=place.is_due(now), seen=seen)
            step = self._guesses.step(limiter, ask)
            if is_place(step) and place.is_kept(ask):
                taken = seen.taken if seen is not None else 0
                return place.waits(now, at_least_until=taken - pace.early_us)
            answer = self._store.take(limiter, step, ask)
            arrived = microseconds(clock.now())
            self._calls_us.append(min(arrived - now, _LONGEST_CALL_US))
            self._guesses.learn(limiter, step, ask, answer)
            if not answer.is_done or answer.stand is None or step is Step.REPACE:
                continue
            at = moment_of(answer.stand, step, ask)
            if is_place(step):
                due = replace(place, due_us=at - pace.early_us, interval_us=pace.interval_us)
                return due.waits(arrived)
            if arrived <= at + pace.late_us:
                return Go(at=moment(at), until=moment(at + pace.late_us))
        return _AGAIN
