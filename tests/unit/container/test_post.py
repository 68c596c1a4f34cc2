"""One process of a container: its plan, its signals, the end of its time."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless import State
from workerless.container.post import Plan, Stop, hurry


@pytest.fixture
def signals() -> Iterator[None]:
    """As they were, afterwards."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_plan_survives_the_command_line() -> None:
    plan = Plan(
        folder="f", slot=1, queues=(("low", "q"),), max_jobs=2, max_memory_mib=3.0, health="/h"
    )

    assert Plan.read(plan.text()) == plan


def test_sigterm_stops_and_ctrl_c_is_the_parents(signals: None) -> None:
    stop = Stop()

    os.kill(os.getpid(), signal.SIGINT)
    assert not stop()
    os.kill(os.getpid(), signal.SIGTERM)

    assert stop()


def test_a_handler_that_is_hurried_comes_back_without_a_spent_attempt(
    bench: Bench, signals: None
) -> None:
    signal.signal(signal.SIGUSR1, hurry)

    def perform(task: Task) -> None:
        try:
            os.kill(os.getpid(), signal.SIGUSR1)
            signal.pause()  # TASK's own limit is 5 s
        except Exception as error:  # of a handler that is afraid of all errors
            raise ConnectionError from error

    bench.handle(perform)
    job = bench.client.enqueue(TASK, Task())
    bench.deliver()

    assert (job.status().state, job.status().attempt) == (State.SCHEDULED, 0)


def test_async_handlers_that_are_hurried_come_back_too(bench: Bench, signals: None) -> None:
    signal.signal(signal.SIGUSR1, hurry)
    began: list[str] = []

    async def perform(task: Task) -> Done:
        began.append(task.text)
        if len(began) == 2:
            os.kill(os.getpid(), signal.SIGUSR1)
        with suppress(Exception):  # of a handler that is afraid of all errors
            await asyncio.sleep(4)  # TASK's own limit is 5 s
        return Done(text=task.text)

    bench.handle(perform)
    jobs = [bench.client.enqueue(TASK, Task(text=str(n))) for n in range(2)]
    bench.deliver()

    assert {(one.status().state, one.status().attempt) for one in jobs} == {(State.SCHEDULED, 0)}


def test_hurrying_between_jobs_does_nothing(signals: None) -> None:
    signal.signal(signal.SIGUSR1, hurry)

    os.kill(os.getpid(), signal.SIGUSR1)


def test_a_process_whose_time_is_over_dies_and_says_where_it_was() -> None:
    code = (
        "import signal\nfrom datetime import timedelta\n"
        "from workerless.container.post import ends_in"
        "\nwith ends_in(timedelta(seconds=9)): pass"
        "\nwith ends_in(timedelta(milliseconds=100)): signal.pause()"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=20
    )

    assert ended.returncode == 1
    assert "Timeout" in ended.stderr


def test_what_a_handler_starts_hears_signals_as_it_would_elsewhere() -> None:
    code = (
        "import multiprocessing, signal, subprocess, time\n"
        "from workerless.container.post import Stop\n"
        "Stop()\n"
        "forked = multiprocessing.get_context('fork').Process(target=time.sleep, args=(30,))\n"
        "forked.start(); forked.terminate(); forked.join(10)\n"
        "ran = subprocess.Popen(['sleep', '30'])\n"
        "ran.send_signal(signal.SIGINT)\n"
        "print(forked.exitcode, ran.wait(10))\n"
        "forked.kill()"
    )

    assert _said(code) == f"{-signal.SIGTERM} {-signal.SIGINT}"


def test_memory_is_that_of_the_process_alone() -> None:
    code = (
        "import subprocess, sys\n"
        "held = bytearray(300 * 1024 * 1024)\n"
        "code = 'from workerless.container.post import memory_mib; print(memory_mib() < 300)'\n"
        "subprocess.run([sys.executable, '-c', code], check=True)"
    )

    assert _said(code) == "True"


def _said(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=40
    )
    return done.stdout.strip()
