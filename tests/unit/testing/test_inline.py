"""InMemoryStage for the tests of an application: inline jobs, raised failures, ``connect``."""

import asyncio
import threading

import pytest

from tests.unit.testing.office import LETTER, MINUTE, STAMP, Letter, Office, Sent, Stamp
from workerless import State
from workerless.client import Client, connect
from workerless.errors import WorkerlessError
from workerless.testing.failure import JobFailedError
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker


def test_inline_job_has_run_when_enqueue_returns(office: Office) -> None:
    with InMemoryStage(office.worker, inline=True) as stage:
        job = stage.client.enqueue(LETTER, Letter(to="Ada"))
        jobs = stage.client.enqueue_many(LETTER, [Letter(to="Bob"), Letter(to="nobody")])

        assert job.status().result == Sent(number=1)
        assert [one.status().state for one in jobs] == [State.COMPLETED, State.FAILED]


def test_inline_job_with_a_delay_waits(office: Office) -> None:
    with InMemoryStage(office.worker, inline=True) as stage:
        job = stage.client.enqueue(LETTER, Letter(to="Ada"), delay=MINUTE)
        assert job.status().state is State.SCHEDULED

        stage.client.promote(job.id)

        assert job.status().state is State.COMPLETED


def test_inline_job_that_fails_waits_for_its_retry(office: Office) -> None:
    with InMemoryStage(office.worker, inline=True) as stage:
        job = stage.client.enqueue(LETTER, Letter(to="storm"))

        assert job.status().state is State.RETRYING


def test_job_that_an_inline_job_enqueues_runs_after_it(office: Office) -> None:
    order: list[str] = []

    def send(letter: Letter) -> Sent:
        order.append(f"{letter.to} starts")
        if letter.to == "parent":
            stage.client.enqueue(LETTER, Letter(to="child"))
        order.append(f"{letter.to} ends")
        return Sent(number=1)

    with InMemoryStage(worker(LETTER)(send), inline=True) as stage:
        stage.client.enqueue(LETTER, Letter(to="parent"))

    assert order == ["parent starts", "parent ends", "child starts", "child ends"]


@pytest.mark.parametrize("to", ["storm", "nobody"])
def test_failure_is_raised_where_the_job_was_run(office: Office, to: str) -> None:
    with InMemoryStage(office.worker, inline=True, raise_failures=True) as stage:
        with pytest.raises(JobFailedError) as failure:
            stage.client.enqueue(LETTER, Letter(to=to), job_id="mine")

        assert failure.value.job_id == "mine"
        assert "letter mine failed at attempt 1 of 3: " in str(failure.value)
        assert 'office.py", line' in str(failure.value)


def test_failure_is_raised_by_whatever_plays(office: Office) -> None:
    office.ill = {"Ada": 1}

    with InMemoryStage(office.worker, raise_failures=True) as stage:
        stage.client.enqueue(LETTER, Letter(to="Ada"))
        with pytest.raises(JobFailedError, match="OSError: the van broke down"):
            stage.drain()

        assert stage.run_all().completed == 1


def test_async_handlers_run(office: Office) -> None:
    with InMemoryStage(worker(LETTER)(office.send_async)) as stage:
        stage.client.enqueue_many(LETTER, [Letter(to="Ada"), Letter(to="Bob")])

        assert stage.run(LETTER, Letter(to="Eve")).result == Sent(number=3)


def test_async_handlers_run_inside_an_async_application(office: Office) -> None:
    async def application() -> Sent | None:
        with InMemoryStage(worker(LETTER)(office.send_async), inline=True) as stage:
            stage.client.enqueue(LETTER, Letter(to="Ada"))
            stage.crash_next(LETTER)
            return stage.run(LETTER, Letter(to="Bob")).result

    assert asyncio.run(application()) == Sent(number=3)
    assert office.out == ["Ada", "Bob", "Bob"]


def test_handler_keeps_one_loop_until_its_process_ends() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def send(letter: Letter) -> Sent:
        loops.append(asyncio.get_running_loop())
        return Sent(number=1)

    with InMemoryStage(worker(LETTER)(send)) as stage:
        stage.run(LETTER, Letter(to="Ada"))
        stage.run(LETTER, Letter(to="Bob"))
        assert len(set(loops)) == 1

    assert loops[0].is_closed()


def test_connect_gives_the_client_of_the_stage_in_every_thread(stage: InMemoryStage) -> None:
    found: list[Client] = []

    with stage.connected():
        found.append(connect("prod"))
        thread = threading.Thread(target=lambda: found.append(connect("dev")))
        thread.start()
        thread.join()

    assert found == [stage.client, stage.client]


def test_connect_still_refuses_what_is_no_stage(stage: InMemoryStage) -> None:
    with stage.connected(), pytest.raises(WorkerlessError, match="stage must be"):
        connect("No Stage")


def test_inner_stage_is_connected_and_then_the_outer_one_again(stage: InMemoryStage) -> None:
    with InMemoryStage(STAMP) as inner, stage.connected():
        with inner.connected():
            connect("prod").enqueue(STAMP, Stamp())
        assert connect("prod") is stage.client

    inner.assert_enqueued(STAMP, count=1)
    stage.assert_not_enqueued(STAMP)
