"""Gates hold jobs back before they start, and nothing is spent on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless.errors import StoreUnavailableError
from workerless.execution.admission import Admitted
from workerless.execution.gate import Candidate, Go
from workerless.execution.runtime import Ports, Runtime
from workerless.outcome import Outcome, Waiting
from workerless.ports import Store
from workerless.states import State

SECOND = timedelta(seconds=1)
type Rule = Callable[[Candidate, Runtime], Go | Outcome]


@dataclass(kw_only=True)
class Barrier:
    """A gate that does as ``rule`` says and notes what it is told."""

    rule: Rule
    asked: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)

    def ask(self, candidate: Candidate, runtime: Runtime) -> Go | Outcome:
        self.asked.append(candidate.run.record.job_id)
        return self.rule(candidate, runtime)

    def leave(self, run: Admitted, outcome: Outcome, runtime: Runtime) -> None:
        stored = runtime.ports.store
        assert stored is not None
        self.left.append((run.record.job_id, type(outcome).__name__))


@dataclass(kw_only=True)
class GatedBench(Bench):
    """A bench whose workers have gates."""

    gates: tuple[Barrier, ...] = ()

    def ports(self, store: Store | None = None) -> Ports:
        return replace(super().ports(store), gates=self.gates)


def opened(_candidate: Candidate, _runtime: Runtime) -> Go:
    return Go()


def closed_for(delay: timedelta, **notes: str) -> Rule:
    return lambda _candidate, _runtime: Waiting(delay=delay, why="closed", notes=notes)


@pytest.fixture
def started() -> list[datetime]:
    return []


@pytest.fixture
def make(started: list[datetime]) -> Iterator[Callable[..., GatedBench]]:
    benches: list[GatedBench] = []

    def make(*gates: Barrier, is_async: bool = False) -> GatedBench:
        bench = GatedBench(gates=gates)
        benches.append(bench)

        def perform(task: Task) -> Done:
            started.append(bench.clock.now())
            return Done(text=task.text)

        async def perform_async(task: Task) -> Done:
            return perform(task)

        bench.handle(perform_async if is_async else perform)
        return bench

    yield make
    for bench in benches:
        bench.close()


def enqueue(bench: Bench, count: int = 1) -> list[str]:
    return [bench.client.enqueue(TASK, Task(text=str(number))).id for number in range(count)]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_job_that_every_gate_lets_through_runs(
    make: Callable[..., GatedBench], *, is_async: bool
) -> None:
    gates = Barrier(rule=opened), Barrier(rule=opened)
    bench = make(*gates, is_async=is_async)
    (job,) = enqueue(bench)

    bench.deliver()

    assert bench.record(job).state is State.COMPLETED
    assert [gate.asked for gate in gates] == [[job], [job]]
    assert [gate.left for gate in gates] == [[(job, "Completed")]] * 2


@pytest.mark.parametrize("is_async", [False, True])
def test_a_job_held_back_spends_no_attempt_and_later_gates_are_not_asked(
    make: Callable[..., GatedBench], started: list[datetime], *, is_async: bool
) -> None:
    gates = Barrier(rule=closed_for(SECOND, barrier="7")), Barrier(rule=opened)
    bench = make(*gates, is_async=is_async)
    (job,) = enqueue(bench)

    bench.deliver()

    record = bench.record(job)
    assert (record.state, record.attempt, record.reason) == (State.SCHEDULED, 0, "closed")
    assert record.run_at == bench.clock.now() + SECOND
    assert record.waits == {"barrier": "7"}
    assert (record.started_at, record.first_started_at) == (None, None)
    assert started == []
    assert gates[1].asked == []
    assert gates[0].left == gates[1].left == [(job, "Waiting")]


def test_what_gates_noted_is_there_when_the_job_is_looked_at_again_and_gone_once_it_starts(
    make: Callable[..., GatedBench],
) -> None:
    seen: list[object] = []

    def thrice(candidate: Candidate, _runtime: Runtime) -> Go | Outcome:
        seen.append(candidate.run.record.waits)
        if len(seen) > 2:
            return Go()
        return Waiting(delay=SECOND, why="closed", notes={f"look {len(seen)}": "x"})

    bench = make(Barrier(rule=thrice))
    (job,) = enqueue(bench)

    bench.drain()

    assert seen == [None, {"look 1": "x"}, {"look 1": "x", "look 2": "x"}]
    record = bench.record(job)
    assert (record.state, record.attempt, record.waits) == (State.COMPLETED, 1, None)


@pytest.mark.parametrize("is_async", [False, True])
def test_a_moment_close_by_is_waited_for(
    make: Callable[..., GatedBench], started: list[datetime], *, is_async: bool
) -> None:
    def soon(_candidate: Candidate, runtime: Runtime) -> Go:
        return Go(at=runtime.ports.clock.now() + SECOND)

    bench = make(Barrier(rule=soon), is_async=is_async)
    begin = bench.clock.now()
    enqueue(bench)

    bench.deliver()

    assert started == [begin + SECOND]
    ends = [line for line in bench.telemetry.transitions if line["event"] == "job.completed"]
    assert [line["duration_ms"] for line in ends] == [0.0]


def test_who_misses_the_moment_asks_again_and_at_last_comes_back_later(
    make: Callable[..., GatedBench], started: list[datetime]
) -> None:
    def sleeps_too_long(_candidate: Candidate, runtime: Runtime) -> Go:
        now = runtime.ports.clock.now()
        return Go(at=now + SECOND, until=now + SECOND / 2)

    gate = Barrier(rule=sleeps_too_long)
    bench = make(gate)
    (job,) = enqueue(bench)

    bench.deliver()

    assert gate.asked == [job] * 3
    assert started == []
    assert (bench.record(job).reason, bench.record(job).attempt) == ("late", 0)


def test_waiting_in_the_function_never_costs_a_job_the_time_it_may_take(
    make: Callable[..., GatedBench], started: list[datetime]
) -> None:
    def much_later(_candidate: Candidate, runtime: Runtime) -> Go:
        return Go(at=runtime.ports.clock.now() + timedelta(seconds=20))

    bench = make(Barrier(rule=much_later))
    (job,) = enqueue(bench)

    bench.deliver()

    assert started == []
    assert (bench.record(job).state, bench.record(job).attempt) == (State.RETRYING, 0)


def test_a_gate_whose_store_is_down_lets_nothing_through(
    make: Callable[..., GatedBench], started: list[datetime]
) -> None:
    def down(_candidate: Candidate, _runtime: Runtime) -> Go:
        raise StoreUnavailableError("the table does not answer")

    bench = make(Barrier(rule=down))
    (job,) = enqueue(bench)

    bench.deliver()

    assert started == []
    assert (bench.record(job).reason, bench.record(job).attempt) == ("store_unavailable", 0)
    assert "gate_unavailable" in [one.event for one in bench.telemetry.troubles]


def test_a_duplicate_asks_no_gate(make: Callable[..., GatedBench]) -> None:
    gate = Barrier(rule=opened)
    bench = make(gate)
    (job,) = enqueue(bench)
    (message,) = bench.queue.messages(bench.address.queue)
    bench.send(message.body)

    bench.deliver(1)
    bench.deliver(1)

    assert gate.asked == [job]
    assert gate.left == [(job, "Completed")]


def test_the_permit_of_a_dead_last_attempt_is_given_back(make: Callable[..., GatedBench]) -> None:
    class Died(BaseException):
        pass

    def dies(_candidate: Candidate, runtime: Runtime) -> Go:
        runtime.ports.clock.sleep(timedelta(days=1))
        raise Died

    gate = Barrier(rule=dies)
    bench = make(gate)
    job = bench.client.enqueue(TASK, Task(), attempts=1).id
    with pytest.raises(Died):
        bench.deliver(1)
    gate.rule = opened

    bench.drain(1)

    assert bench.record(job).reason == "crash_loop"
    assert gate.left == [(job, "Failed")]


def test_each_end_is_told_before_the_next_job_of_the_batch_asks(
    make: Callable[..., GatedBench],
) -> None:
    told: list[str] = []

    def note(_candidate: Candidate, _runtime: Runtime) -> Go:
        told.append(f"asked, {len(gate.left)} left")
        return Go()

    gate = Barrier(rule=note)
    bench = make(gate)
    enqueue(bench, 3)
    bench.deliver()

    assert told == ["asked, 0 left", "asked, 1 left", "asked, 2 left"]


@pytest.mark.parametrize(
    ("delay", "in_flight", "on_its_way"),
    [(timedelta(seconds=30), 1, 1), (timedelta(seconds=31), 0, 1), (timedelta(minutes=16), 0, 0)],
)
def test_long_waits_are_spent_outside_of_the_queues_quota(
    make: Callable[..., GatedBench], delay: timedelta, in_flight: int, on_its_way: int
) -> None:
    bench = make(Barrier(rule=closed_for(delay)))
    enqueue(bench)

    kept = bench.deliver()

    assert len(kept) == in_flight
    assert len(bench.queue.messages(bench.address.queue)) == on_its_way


def test_jobs_held_back_for_long_all_run_in_the_end(
    make: Callable[..., GatedBench], started: list[datetime]
) -> None:
    delays = iter([timedelta(seconds=10), timedelta(minutes=2), timedelta(hours=1)] * 4)

    def at_random(_candidate: Candidate, _runtime: Runtime) -> Go | Outcome:
        delay = next(delays, None)
        return Go() if delay is None else Waiting(delay=delay, why="closed")

    bench = make(Barrier(rule=at_random))
    jobs = enqueue(bench, 5)

    bench.drain()

    assert len(started) == len(jobs)
    assert {bench.record(job).attempt for job in jobs} == {1}
