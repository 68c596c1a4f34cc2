"""SoftDeadline: SoftTimeout inside the body, again if swallowed, and nothing left behind."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from types import FrameType

import pytest

from workerless.execution.async_soft_deadline import async_soft_deadline, end_all
from workerless.execution.soft_deadline import SoftDeadline
from workerless.signals import SoftTimeout

SOON = timedelta(milliseconds=10)
LATER = timedelta(seconds=30)


def own_handler(_signal: int, _frame: FrameType | None) -> None:
    pytest.fail("an alarm rang outside of the body")


@pytest.fixture(autouse=True)
def outer() -> Iterator[None]:
    previous = signal.signal(signal.SIGALRM, own_handler)
    yield
    signal.signal(signal.SIGALRM, previous)


def armed() -> bool:
    return signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0)


def wait_for_an_alarm() -> None:
    signal.pause()


def test_body_that_takes_too_long_gets_soft_timeout() -> None:
    with pytest.raises(SoftTimeout), SoftDeadline(SOON):
        wait_for_an_alarm()


def test_busy_body_is_interrupted_too() -> None:
    def busy() -> None:
        while True:
            pass

    with pytest.raises(SoftTimeout), SoftDeadline(SOON):
        busy()


def test_body_may_clean_up_after_soft_timeout() -> None:
    steps: list[str] = []

    def job() -> None:
        try:
            wait_for_an_alarm()
        finally:
            steps.append("cleaned up")

    with pytest.raises(SoftTimeout), SoftDeadline(SOON):
        job()

    assert steps == ["cleaned up"]


def test_swallowed_soft_timeout_is_raised_again() -> None:
    steps: list[str] = []

    def job() -> None:
        try:
            wait_for_an_alarm()
        except SoftTimeout:
            steps.append("swallowed")
        wait_for_an_alarm()

    with pytest.raises(SoftTimeout), SoftDeadline(SOON):
        job()

    assert steps == ["swallowed"]


def test_except_exception_does_not_swallow_soft_timeout() -> None:
    with pytest.raises(SoftTimeout), SoftDeadline(SOON), suppress(Exception):
        wait_for_an_alarm()


@pytest.mark.parametrize("error", [None, ValueError, SystemExit])
def test_nothing_is_left_behind_however_the_body_ends(error: type[BaseException] | None) -> None:
    with suppress(ValueError, SystemExit), SoftDeadline(LATER):
        assert armed()
        if error:
            raise error

    assert not armed()
    assert signal.getsignal(signal.SIGALRM) is own_handler


def test_nothing_is_left_behind_after_soft_timeout() -> None:
    with suppress(SoftTimeout), SoftDeadline(SOON):
        wait_for_an_alarm()

    assert not armed()
    assert signal.getsignal(signal.SIGALRM) is own_handler


def test_other_threads_are_not_interrupted() -> None:
    seen: list[bool] = []

    def body() -> None:
        with SoftDeadline(SOON):
            seen.append(armed())

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()

    assert seen == [False]


def test_coroutine_that_takes_too_long_gets_soft_timeout() -> None:
    async def job() -> None:
        async with async_soft_deadline(SOON):
            await asyncio.Event().wait()

    with pytest.raises(SoftTimeout):
        asyncio.run(job())


def test_coroutine_that_ends_in_time_is_left_alone() -> None:
    async def job() -> str:
        async with async_soft_deadline(LATER):
            await asyncio.sleep(0)
            return "done"

    assert asyncio.run(job()) == "done"


def test_coroutine_may_clean_up_with_awaits() -> None:
    steps: list[str] = []

    async def job() -> None:
        async with async_soft_deadline(SOON):
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                steps.append("cleaned up")

    with pytest.raises(SoftTimeout):
        asyncio.run(job())

    assert steps == ["cleaned up"]


def test_coroutine_that_swallows_its_cancellation_is_cancelled_again() -> None:
    async def job() -> None:
        async with async_soft_deadline(SOON):
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            await asyncio.Event().wait()

    with pytest.raises(SoftTimeout):
        asyncio.run(job())


def test_coroutine_that_ends_well_though_cancelled_has_ended_well() -> None:
    async def job() -> tuple[str, int]:
        async with async_soft_deadline(SOON):
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        await asyncio.sleep(0)  # not cancelled any more
        task = asyncio.current_task()
        return "done", task.cancelling() if task else -1

    assert asyncio.run(job()) == ("done", 0)


def test_coroutine_s_own_errors_stay_its_own() -> None:
    async def job(error: BaseException) -> None:
        async with async_soft_deadline(LATER):
            raise error

    for error in (TimeoutError("socket"), ValueError("boom"), asyncio.CancelledError()):
        with pytest.raises(type(error)):
            asyncio.run(job(error))


def test_cancellation_from_outside_outlives_a_deadline_that_rang_too() -> None:
    async def job(rang: asyncio.Event) -> None:
        async with async_soft_deadline(SOON):
            try:
                await asyncio.Event().wait()
            finally:
                rang.set()
                await asyncio.Event().wait()

    async def cancelled() -> None:
        rang = asyncio.Event()
        task = asyncio.create_task(job(rang))
        await rang.wait()
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())


def test_cancellation_from_outside_is_no_soft_timeout() -> None:
    async def job() -> None:
        async with async_soft_deadline(LATER):
            await asyncio.Event().wait()

    async def cancelled() -> None:
        task = asyncio.create_task(job())
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())


def test_one_coroutine_s_deadline_does_not_touch_its_neighbour() -> None:
    async def slow() -> str:
        async with async_soft_deadline(SOON):
            await asyncio.Event().wait()
        return "never"

    async def quick(ended: asyncio.Event) -> str:
        async with async_soft_deadline(LATER):
            await ended.wait()
        return "done"

    async def both() -> list[str | BaseException]:
        ended = asyncio.Event()
        tasks = [asyncio.create_task(slow()), asyncio.create_task(quick(ended))]
        tasks[0].add_done_callback(lambda _: ended.set())
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, second = asyncio.run(both())

    assert isinstance(first, SoftTimeout)
    assert second == "done"


class Over(BaseException):
    """Why a test ends all."""


def test_all_coroutines_of_a_loop_can_be_ended_before_their_time() -> None:
    async def job() -> None:
        async with async_soft_deadline(LATER), asyncio.TaskGroup() as group:
            group.create_task(asyncio.Event().wait())

    async def batch() -> list[object]:
        jobs = [asyncio.create_task(job()) for _ in range(2)]
        await asyncio.sleep(0.01)
        end_all(Over)
        return list(await asyncio.gather(*jobs, return_exceptions=True))

    assert [type(one) for one in asyncio.run(batch())] == [Over, Over]


def test_coroutine_that_has_ended_is_not_ended_again_by_what_it_left_behind() -> None:
    async def job() -> str:
        async with async_soft_deadline(LATER):
            left = asyncio.create_task(asyncio.sleep(0.05))
        end_all(Over)
        await left
        return "done"

    assert asyncio.run(job()) == "done"


def test_coroutine_whose_time_was_over_before_gets_soft_timeout() -> None:
    async def job() -> None:
        async with async_soft_deadline(SOON):
            try:
                await asyncio.Event().wait()
            finally:
                end_all(Over)

    with pytest.raises(SoftTimeout):
        asyncio.run(job())
