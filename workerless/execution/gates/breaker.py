"""The gate of one dependency: it passes no job while the breaker is open, and one that probes.

What becomes of a breaker is in ``flow.breaker``. A worker knows how it stands, at most a second
late; it writes where an attempt failed of the dependency, and nothing for those that do not, unless
somebody's did lately and a ratio is asked for.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from workerless.errors import StoreUnavailableError
from workerless.execution.admission import Admitted
from workerless.execution.gate import Candidate, Go
from workerless.execution.runtime import Runtime
from workerless.flow import breaker
from workerless.flow.breaker import Breaker, Stand
from workerless.flow.dependency import Blame, Dependency
from workerless.flow_ports import BreakerStore
from workerless.frozen import replace
from workerless.outcome import Completed, Failed, Outcome, Retried, Snoozed, Waiting

_MAX_AGE = timedelta(seconds=1)
_SHORT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=5)
_LONGEST_GAP = timedelta(minutes=1)
_NONE = timedelta(0)
_MAX_RACES = 5


class BreakerGate:
    """One dependency in one execution environment."""

    def __init__(self, dependency: Dependency, store: BreakerStore) -> None:
        self.dependency = dependency
        self.name = f"breaker:{dependency.name}"
        self._store = store
        self._known: tuple[datetime, Breaker] | None = None
        self._probes: set[str] = set()
        self._calls = 0
        self._told_at: datetime | None = None
        self._next: datetime | None = None

    def at(self, now: datetime) -> Breaker:
        """How it stood at most a second ago. Raises ``StoreUnavailableError``."""
        if self._known is None or abs(now - self._known[0]) >= _MAX_AGE:
            self._known = (now, self._store.read(self.dependency.name))
        return self._known[1]

    def share(self, now: datetime) -> float:
        """Which part of its speed the fleet works at. Raises ``StoreUnavailableError``."""
        return self.at(now).share(now, self.dependency.recovery)

    def ask(self, candidate: Candidate, runtime: Runtime) -> Go | Outcome:
        now, record = runtime.ports.clock.now(), candidate.run.record
        if record.job_id in self._probes:
            return Go()  # asked again, for another gate's sake
        known = self.at(now)
        stand = known.stand(now)
        if stand is Stand.CLOSED:
            return self._paced(runtime)
        if stand is Stand.READY and self._may_probe(candidate.run, runtime):
            self._probes.add(record.job_id)
            return Go()
        why = "retry_after" if stand is Stand.HELD else "breaker_open"
        return self._waits(candidate.run, known.shut_until(now), why, runtime)

    def leave(self, run: Admitted, outcome: Outcome, runtime: Runtime) -> None:
        """Tell the fleet what this end says of the dependency."""
        is_probe = run.record.job_id in self._probes
        self._probes.discard(run.record.job_id)
        try:
            self._heard(run, outcome, runtime, is_probe=is_probe)
        except StoreUnavailableError as error:
            job_id = run.record.job_id
            runtime.ports.telemetry.trouble("breaker_not_told", error, job_id=job_id)

    def _heard(self, run: Admitted, outcome: Outcome, runtime: Runtime, *, is_probe: bool) -> None:
        now, token, blame = runtime.ports.clock.now(), _token(run), self._blame(outcome)
        self._slow_down(run, outcome, now)
        if blame is not None and blame.retry_after is not None:
            # It answers, so a probe has found it alive.
            until, recovery = now + blame.retry_after, self.dependency.recovery
            self._change(partial(_alive_and_held, token, until, now, recovery), run, runtime)
        elif blame is not None and is_probe:
            again = partial(breaker.failed_again, token=token, dependency=self.dependency, now=now)
            self._change(again, run, runtime)
        elif blame is not None:
            self._count(run, now, runtime, failures=1)
        elif is_probe and isinstance(outcome, Completed):
            self._change(partial(breaker.closed, token=token, now=now), run, runtime)
        elif is_probe:
            self._change(partial(breaker.released, token=token), run, runtime)
        elif isinstance(outcome, Completed | Failed | Retried):
            self._count(run, now, runtime, failures=0)

    def _blame(self, outcome: Outcome) -> Blame | None:
        blame = outcome.blame if isinstance(outcome, Retried | Snoozed | Failed) else None
        return blame if blame and self.dependency.name in blame.dependencies else None

    def _count(self, run: Admitted, now: datetime, runtime: Runtime, *, failures: int) -> None:
        """A failure is told at once; what went well once a second, while others fail.

        What went well before the first failure is forgotten: a window begins with that.
        """
        if self._known is None or not self._known[1].is_counting(now):
            self._calls = 0
            if not failures:
                return
        self._calls += 1
        is_late = self._told_at is None or now - self._told_at >= _MAX_AGE
        if not failures and (self.dependency.ratio is None or not is_late):
            return
        calls, self._calls, self._told_at = self._calls, 0, now
        new = partial(
            breaker.counted, dependency=self.dependency, now=now, calls=calls, failures=failures
        )
        self._change(new, run, runtime)

    def _may_probe(self, run: Admitted, runtime: Runtime) -> bool:
        """Whether this is the one job of the fleet that tries."""
        now, lease = runtime.ports.clock.now(), run.record.lease
        if lease is None or not runtime.is_tracked():
            return False
        known = self._store.read(self.dependency.name)
        if known.stand(now) is not Stand.READY:
            self._known = (now, known)
            return False
        return self._saved(known, breaker.probed(known, lease.token, lease.until), run, runtime)

    def _change(self, to: Callable[[Breaker], Breaker], run: Admitted, runtime: Runtime) -> None:
        for _ in range(_MAX_RACES):
            known = self._store.read(self.dependency.name)
            after = to(known)
            if after == known or self._saved(known, after, run, runtime):
                return

    def _saved(self, before: Breaker, after: Breaker, run: Admitted, runtime: Runtime) -> bool:
        now = runtime.ports.clock.now()
        if not self._store.save(self.dependency.name, after):
            self._known = None
            return False
        after = replace(after, version=after.version + 1)
        self._known = (now, after)
        was, stands = before.stand(now), after.stand(now)
        if was is not stands:
            runtime.ports.telemetry.transition(
                {
                    "event": f"breaker.{stands.value}",
                    "dependency": self.dependency.name,
                    "job_type": run.record.job_type,
                    "job_id": run.record.job_id,
                    "was": was.value,
                    "until": after.shut_until(now).isoformat(),
                    "in_a_row": after.trips,
                }
            )
        return True

    def _paced(self, runtime: Runtime) -> Go | Outcome:
        """Slower than it could be, this worker rests between its jobs."""
        now = runtime.ports.clock.now()
        if self._next is None or now >= self._next or self.share(now) >= 1:
            return Go()
        gap = self._next - now
        if gap <= _SHORT:
            return Go(at=self._next)
        spread = timedelta(seconds=runtime.ports.rng.uniform(1, 10))
        return Waiting(delay=gap + spread, why="recovering")

    def _slow_down(self, run: Admitted, outcome: Outcome, now: datetime) -> None:
        started = run.record.started_at
        is_end = isinstance(outcome, Completed | Failed | Retried)
        share = self._known[1].share(now, self.dependency.recovery) if self._known else 1.0
        if is_end and started is not None and share < 1:
            gap = (now - started) * (1 / share - 1)
            self._next = now + min(gap, _LONGEST_GAP)

    def _waits(self, run: Admitted, until: datetime, why: str, runtime: Runtime) -> Waiting:
        """Spread, the wider the more often it has looked: they must not all come at once."""
        looks = int((run.record.waits or {}).get(self.name, "0"))
        now = runtime.ports.clock.now()
        widest = min(self.dependency.open_for * (looks + 1), _LONGEST_WAIT)
        spread = timedelta(seconds=runtime.ports.rng.uniform(1, widest.total_seconds() + 1))
        delay = max(until - now, _NONE) + spread
        return Waiting(delay=delay, why=why, notes={self.name: str(looks + 1)})


def _alive_and_held(
    token: str, until: datetime, now: datetime, recovery: timedelta, known: Breaker
) -> Breaker:
    return breaker.held(breaker.closed(known, token, now), until, now, recovery)


def _token(run: Admitted) -> str:
    return run.record.lease.token if run.record.lease else ""
