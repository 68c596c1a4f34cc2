"""A parked job has no message until one was accepted, whatever kept the sweeper from sending it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless import State
from workerless.errors import WorkerlessError
from workerless.execution.sweep import Swept
from workerless.ports import Outgoing, Postponement, SendFailure
from workerless.testing.memory import InMemoryDirectory

MINUTE = timedelta(minutes=1)
REFUSED = SendFailure(code="ServiceUnavailable", message="")


class Died(BaseException):
    """The process is gone."""


def refuse_all(bench: Bench, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bench.queue, "send_many", lambda _, sent: [REFUSED for _ in sent])


def find_nothing(bench: Bench, patch: pytest.MonkeyPatch) -> None:
    def throttled(_: str) -> Any:
        raise WorkerlessError("SSM parameter could not be read: ThrottlingException")

    patch.setattr(bench.directory, "find", throttled)


def die(bench: Bench, patch: pytest.MonkeyPatch) -> None:
    def died(*_: Any) -> Any:
        raise Died

    patch.setattr(bench.queue, "send_many", died)


def each_minute(bench: Bench, minutes: int) -> Swept:
    total = Swept()
    for _ in range(minutes):
        bench.clock.advance(MINUTE)
        try:
            total += bench.sweep()
        except Died:
            continue
    return total


@pytest.mark.parametrize("missed", [1, 2, 30])
@pytest.mark.parametrize("fault", [refuse_all, find_nothing, die])
def test_parked_job_is_sent_soon_after_the_trouble_though_its_queue_has_a_line(
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[Bench, pytest.MonkeyPatch], None],
    missed: int,
) -> None:
    bench.client.enqueue(bench.job_type, Task(), delay=timedelta(hours=1))
    bench.send('{"text": "always one in line"}')
    bench.clock.advance(timedelta(minutes=56))
    with monkeypatch.context() as patch:
        fault(bench, patch)
        assert each_minute(bench, missed).sent == 0

    assert each_minute(bench, 5).sent == 1
    assert each_minute(bench, 60).sent == 0


def test_parked_job_of_a_type_that_is_gone_is_looked_at_ever_less_often(bench: Bench) -> None:
    bench.client.enqueue(bench.job_type, Task(), delay=timedelta(hours=1))
    bench.directory = InMemoryDirectory()

    bench.clock.advance(timedelta(hours=1))

    assert each_minute(bench, 24 * 60).due <= 70


def test_message_whose_sending_could_not_be_noted_is_only_sent_twice(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.handle(lambda payload: Done(text=payload.text))
    job = bench.client.enqueue(bench.job_type, Task(), delay=timedelta(hours=1))
    bench.clock.advance(timedelta(minutes=57))
    postpone = bench.store.postpone_many

    def forgetful(moves: Sequence[Postponement]) -> list[bool]:
        noted = any(one.sent_for is not None for one in moves)
        return [False for _ in moves] if noted else postpone(moves)

    with monkeypatch.context() as patch:
        patch.setattr(bench.store, "postpone_many", forgetful)
        assert bench.sweep().sent == 1
    assert each_minute(bench, 2).sent == 1
    bench.drain()

    assert job.status().state is State.COMPLETED
    assert bench.events().count("job.started") == 1


def test_job_type_whose_parameter_cannot_be_read_holds_up_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.directory.add("other")
    find = bench.directory.find

    def broken(name: str) -> Any:
        if name == "task":
            raise WorkerlessError("SSM parameter must be a JSON object")
        return find(name)

    bench.client.enqueue_many(
        bench.job_type, [Task(text=str(n)) for n in range(20)], delay=timedelta(hours=1)
    )
    other = replace(TASK, name="other")
    bench.client.enqueue_many(
        other, [Task(text=str(n)) for n in range(20)], delay=timedelta(hours=1)
    )
    bench.clock.advance(timedelta(minutes=58))
    monkeypatch.setattr(bench.directory, "find", broken)

    assert bench.sweep() == Swept(due=40, sent=20, failed=20)
    assert {trouble.event for trouble in bench.telemetry.troubles} == {"queue_unknown"}


def test_jobs_of_a_line_cost_one_question_a_page(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def waiting(address: str) -> int:
        asked.append(address)
        return 1

    bench.client.enqueue_many(bench.job_type, [Task(text=str(n)) for n in range(80)])
    bench.clock.advance(2 * MINUTE)
    monkeypatch.setattr(bench.queue, "waiting", waiting)

    assert bench.sweep() == Swept(due=80)
    assert len(asked) <= 8


def test_job_that_waits_as_long_as_a_message_can_has_had_one(bench: Bench) -> None:
    bench.queue.send_many(bench.address.queue, [Outgoing(body='{"text": "first"}')])
    bench.client.enqueue(bench.job_type, Task(), delay=timedelta(minutes=15))

    assert each_minute(bench, 60).sent == 0
