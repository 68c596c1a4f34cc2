"""Paused jobs wait, at no attempt's cost, and run once they are resumed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless.errors import StoreUnavailableError
from workerless.execution.gating import tenant_gates_of
from workerless.execution.runtime import Ports
from workerless.flow.settings import STAGE, FlowSettings, Pause
from workerless.ports import Store
from workerless.record import Record
from workerless.states import State
from workerless.testing.flow.settings import InMemorySettings
from workerless.testing.flow.stores import InMemoryFlow

MINUTE = timedelta(minutes=1)


class CountingSettings(InMemorySettings):
    """Counts how often it is read. One that is ``down`` does not answer."""

    reads = 0
    down = False

    def read_many(self, names: Sequence[str]) -> list[FlowSettings]:
        self.reads += 1
        if self.down:
            raise StoreUnavailableError("no answer")
        assert names == ("task", STAGE)
        return super().read_many(names)


@dataclass(kw_only=True)
class PausingBench(Bench):
    """Workers that know of pauses. ``ran`` are texts of the jobs that ran."""

    settings: CountingSettings = field(default_factory=CountingSettings)
    ran: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        flow = InMemoryFlow(self.clock, self.store)
        flow.settings = self.settings
        self.gates = tenant_gates_of(TASK, flow)
        self.handle(self._perform)

    def ports(self, store: Store | None = None) -> Ports:
        return replace(super().ports(store), tenant_gates=lambda: self.gates)

    def pause(self, *, tenant: str | None = None, lasts: timedelta | None = None) -> None:
        until = self.clock.now() + lasts if lasts else None
        pause = Pause(by="ada", at=self.clock.now(), why="x", until=until, tenant=tenant)
        self._change(lambda settings: settings.with_pause(pause))

    def resume(self, tenant: str | None = None) -> None:
        self._change(lambda settings: settings.without_pause((None, tenant)))

    def _change(self, change: "partial[FlowSettings] | object") -> None:
        (read,) = InMemorySettings.read_many(self.settings, ["task"])
        assert callable(change)
        assert self.settings.save("task", change(read))

    def enqueue(self, text: str, tenant: str | None) -> str:
        return self.client.enqueue(TASK, Task(text=text), tenant=tenant).id

    def record(self, job_id: str) -> Record:
        (record,) = self.store.get_many([job_id])
        assert record is not None
        return record

    def _perform(self, task: Task) -> Done:
        self.ran.append(task.text)
        return Done(text=task.text)


@pytest.fixture
def bench() -> Iterator[PausingBench]:
    bench = PausingBench()
    yield bench
    bench.close()


def test_jobs_of_a_paused_tenant_wait_and_others_run(bench: PausingBench) -> None:
    bench.pause(tenant="acme")
    held = bench.enqueue("held", "acme")
    bench.enqueue("runs", "globex")
    bench.enqueue("alone", None)

    bench.deliver()

    record = bench.record(held)
    assert sorted(bench.ran) == ["alone", "runs"]
    assert (record.state, record.reason, record.attempt) == (State.SCHEDULED, "paused", 0)
    assert record.run_at - bench.clock.now() == MINUTE


def test_paused_job_type_holds_what_still_arrives_of_a_tenant(bench: PausingBench) -> None:
    bench.pause()
    bench.enqueue("held", "acme")

    bench.deliver()

    assert bench.ran == []


def test_paused_job_is_looked_at_ever_less_often_and_spends_no_attempt(
    bench: PausingBench,
) -> None:
    bench.pause(tenant="acme")
    held = bench.enqueue("held", "acme")
    waits = []

    for _ in range(9):
        bench.deliver()
        waits.append((bench.record(held).run_at - bench.clock.now()) / MINUTE)
        bench.clock.advance(bench.record(held).run_at - bench.clock.now())
        bench.sweep()

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert bench.record(held).attempt == 0
    bench.resume("acme")
    bench.drain()
    assert (bench.ran, bench.record(held).attempt) == (["held"], 1)
    assert bench.record(held).waits is None


def test_job_waits_no_longer_than_its_pause_lasts(bench: PausingBench) -> None:
    bench.pause(tenant="acme", lasts=MINUTE * 2.5)
    bench.enqueue("held", "acme")
    start = bench.clock.now()

    bench.drain()

    assert bench.ran == ["held"]
    assert bench.clock.now() - start <= MINUTE * 2.5 + timedelta(seconds=1)


def test_settings_are_read_once_in_two_seconds(bench: PausingBench) -> None:
    for _ in range(20):
        bench.enqueue("x", "acme")
        bench.deliver()
        bench.clock.advance(timedelta(seconds=0.5))

    assert bench.settings.reads == 5


def test_jobs_without_tenant_read_nothing(bench: PausingBench) -> None:
    bench.enqueue("x", None)
    bench.deliver()

    assert (bench.ran, bench.settings.reads) == (["x"], 0)


def test_resume_is_heard_before_a_long_wait(bench: PausingBench) -> None:
    bench.pause(tenant="acme")
    held = bench.enqueue("held", "acme")
    bench.deliver()
    bench.clock.advance(MINUTE - timedelta(seconds=1))
    bench.enqueue("other", "acme")
    bench.deliver()
    bench.resume("acme")
    bench.clock.advance(timedelta(seconds=1))

    bench.deliver()

    assert bench.ran == ["held"]
    assert bench.record(held).state is State.COMPLETED


def test_nothing_starts_while_nobody_can_tell_whether_it_is_paused(bench: PausingBench) -> None:
    bench.settings.down = True
    held = bench.enqueue("held", "acme")

    bench.deliver()

    record = bench.record(held)
    assert (bench.ran, record.reason) == ([], "store_unavailable")
    bench.settings.down = False
    bench.drain()
    assert bench.ran == ["held"]
