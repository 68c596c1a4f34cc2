"""At most so many jobs of a key at once: the gate that gives permits and gets them back.

A permit is one write to take and one to give back. Who finds none waits in a line, in the order of
the first looks, and is woken by who gives one back (``gates.line``); it also looks by itself now
and then, since a process that dies wakes nobody. Permits are leases: see ``flow.permits``.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from workerless.errors import WorkerlessError
from workerless.execution.admission import Admitted
from workerless.execution.failure import describe, secrets_in
from workerless.execution.gate import Candidate, Go
from workerless.execution.gates.line import WHY, Line
from workerless.execution.intake import take_in
from workerless.execution.runtime import Runtime
from workerless.flow.concurrency import Concurrency, OnConflict, rule_of
from workerless.flow.key import key_of
from workerless.flow.permits import LONGEST_LOOK, Holder, Permits, Waiter, look_after
from workerless.flow.settings import FlowSettings
from workerless.flow_ports import FlowStores
from workerless.job_type import JobType
from workerless.outcome import Discarded, Failed, Held, Outcome, Waiting
from workerless.payload import Payload
from workerless.search_key import key_digest

_GATE = "concurrency_key"
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MILLISECOND = timedelta(milliseconds=1)


def concurrency_gate(
    job_type: JobType[Any, Any],
    stores: FlowStores,
    settings_at: Callable[[datetime], FlowSettings],
) -> "ConcurrencyKey":
    """The gate of a job type that bounds the jobs of a key, as many as people say by now."""
    rule = rule_of(job_type)
    if rule is None:
        raise ValueError(f"{job_type.name} has no concurrency key")
    override = f"keys:{rule.group or job_type.name}"

    def limit_at(now: datetime) -> int:
        said = settings_at(now).overrides.get(override)
        return rule.limit if said is None else said.limit

    return ConcurrencyKey(rule, stores, limit_at)


class ConcurrencyKey:
    """The gate of one job type in one execution environment.

    What it holds it knows by the lease's token; a job in the line remembers since when it waits,
    and for which key, in its record.
    """

    def __init__(
        self, rule: Concurrency, stores: FlowStores, limit_at: Callable[[datetime], int]
    ) -> None:
        self._rule = rule
        self._line = Line(rule.on_conflict, stores, limit_at)
        self._held: dict[str, str] = {}

    def ask(self, candidate: Candidate, runtime: Runtime) -> Go | Outcome:
        run, record = candidate.run, candidate.run.record
        try:
            name = self._name(run, candidate.payload)
        except Exception as error:  # noqa: BLE001 -- a key may be a team's own function
            at = runtime.ports.clock.now()
            secrets = secrets_in(candidate.payload)
            told = describe(error, attempt=record.attempt, at=at, secrets=secrets)
            return Failed(reason="invalid_key", error=told)
        mine = _holder(run)
        if name is None or mine.token in self._held:
            return Go()
        permits = self._line.take(name, mine, runtime)
        if permits.is_held(mine.job_id, mine.token):
            self._held[mine.token] = name
            return Go()
        if self._rule.on_conflict is OnConflict.DROP:
            return Discarded(reason=WHY)
        return self._wait(name, run, permits, runtime)

    def leave(self, run: Admitted, outcome: Outcome, runtime: Runtime) -> None:
        try:
            if isinstance(outcome, Waiting) and outcome.why == WHY:
                waiter, name = _in_line(outcome.notes[_GATE], run, runtime)
                is_new = _GATE not in (run.record.waits or {})
                self._line.stand(name, waiter, runtime, is_new=is_new)
            else:
                self._give_back(run, outcome, runtime)
        except WorkerlessError as error:
            job_id = run.record.job_id
            runtime.ports.telemetry.trouble("permit_kept", error, job_id=job_id)

    def _name(self, run: Admitted, payload: Payload) -> str | None:
        """The name of the job's key in the store; None for a job that is not limited."""
        common, key = self._rule.group or run.record.job_type, self._rule.key
        if key is None:
            return common
        value = key_of(key, payload, run.record.tenant)
        return None if value is None else f"{common}#{key_digest(value)}"

    def _wait(self, name: str, run: Admitted, permits: Permits, runtime: Runtime) -> Waiting:
        now, noted = runtime.ports.clock.now(), (run.record.waits or {}).get(_GATE)
        since = _in_line(noted, run, runtime)[0].since if noted else now
        # Those that joined the line behind one holder must not all look at the same moment.
        spread = runtime.ports.rng.uniform(1, 1.25)
        delay = min(look_after(permits, since, now) * spread, LONGEST_LOOK)
        note = f"{(since - _EPOCH) // _MILLISECOND} {name}"
        return Waiting(delay=delay, why=WHY, notes={_GATE: note})

    def _give_back(self, run: Admitted, outcome: Outcome, runtime: Runtime) -> None:
        mine, noted = _holder(run), (run.record.waits or {}).get(_GATE)
        name = self._held.pop(mine.token, None)
        if name is None and isinstance(outcome, Failed | Held):
            name = self._name_of_dead(run, runtime)
        if name is not None:
            self._line.give_back(name, mine, runtime)
        elif noted:  # another gate held it back, and a permit may be on its way to it
            self._line.refuse(_in_line(noted, run, runtime)[1], mine, runtime)

    def _name_of_dead(self, run: Admitted, runtime: Runtime) -> str | None:
        """The key of an attempt that died in another process, if its message still tells."""
        payload = take_in(run, runtime)
        try:
            return self._name(run, payload) if isinstance(payload, Payload) else None
        except Exception:  # noqa: BLE001 -- as above; the permit is over by itself
            return None


def _holder(run: Admitted) -> Holder:
    lease = run.record.lease
    if lease is None:
        raise ValueError(f"job {run.record.job_id} runs without a lease")
    return Holder(job_id=run.record.job_id, token=lease.token, until=lease.until)


def _in_line(note: str, run: Admitted, runtime: Runtime) -> tuple[Waiter, str]:
    """The job's place in the line, and the name of its key, as its record has them."""
    since, name = note.split(" ", 1)
    waiter = Waiter(
        job_id=run.record.job_id,
        job_type=run.record.job_type,
        queue=runtime.ports.queue_address,
        since=_EPOCH + int(since) * _MILLISECOND,
        asked_at=runtime.ports.clock.now(),
    )
    return waiter, name
