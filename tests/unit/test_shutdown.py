"""``on_shutdown``: real processes with real signals, and the runners that end their workers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from tests.unit.execution.bench import TASK, Done, Task
from tests.unit.runtime_api import runtime_api
from tests.unit.test_worker import HERE
from tests.unit.testing.office import LETTER, Letter, Sent
from workerless.chunks import chunk_worker
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

# As Lambda's runtime does, the main thread waits for another one.
_ENVIRONMENT = """
import signal, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from tests.unit.execution.bench import TASK
from workerless.worker import worker

{first}
def hang():
    time.sleep(30)

def fail():
    raise ConnectionError("flush")

handler = worker(TASK, on_shutdown={on_shutdown})(lambda task: None)
print("ready", flush=True)
{then}
"""
_NEXT = "ThreadPoolExecutor().submit(threading.Event().wait).result()"
_SAYS = "lambda: print('shut down')"


@contextmanager
def environment(
    on_shutdown: str, *, first: str = "", then: str = _NEXT, runtime: str | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A process that has done its INIT."""
    variables = {**os.environ, **HERE.render(), "AWS_DEFAULT_REGION": "us-east-1"}
    variables["AWS_LAMBDA_FUNCTION_NAME"] = "workerless-test-task"
    variables.pop("AWS_LAMBDA_RUNTIME_API", None)
    if runtime is not None:
        variables["AWS_LAMBDA_RUNTIME_API"] = runtime
    code = _ENVIRONMENT.format(on_shutdown=on_shutdown, first=first, then=then)
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[str]) -> tuple[int, list[str], str]:
    """SIGTERM once INIT is over: exit code, the lines since, and what is on stderr."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or lines[-1] not in {"ready\n", ""}:
        lines.append(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    return process.returncode, out.splitlines(), err


def test_lambda_is_asked_for_sigterm_in_init_and_on_shutdown_runs_once() -> None:
    with runtime_api() as api, environment(_SAYS, runtime=api.address) as process:
        assert api.asked.wait(20)
        code, lines, _ = ended(process)

    (_, register, told, body), (_, wait, asked, _) = api.calls
    assert (code, lines) == (0, ["shut down"])
    assert (register, json.loads(body)) == ("/2020-01-01/extension/register", {"events": []})
    assert told["lambda-extension-name"] == "workerless-on-shutdown"
    assert wait == "/2020-01-01/extension/event/next"
    assert asked["lambda-extension-identifier"] == "extension-1"


def test_without_the_api_of_lambda_it_runs_at_sigterm() -> None:
    with environment(_SAYS) as process:
        code, lines, _ = ended(process)

    assert (code, lines) == (0, ["shut down"])


def test_it_runs_at_the_exit_of_a_process() -> None:
    with environment(_SAYS, then="") as process:
        out, _ = process.communicate(timeout=20)

    assert (process.returncode, out.splitlines()) == (0, ["ready", "shut down"])


@pytest.mark.parametrize("is_there", [True, False], ids=["refused", "no answer"])
def test_an_api_that_does_not_register_it_is_told_and_jobs_still_run(*, is_there: bool) -> None:
    with runtime_api(init_is_over=True) as api:
        address = api.address if is_there else "127.0.0.1:1"
        code = "print(handler.job_type.name)"
        with environment(_SAYS, then=code, runtime=address) as process:
            out, _ = process.communicate(timeout=20)

    told, *rest = out.splitlines()
    assert json.loads(told)["message"] == "extension_not_registered"
    assert rest == ["ready", TASK.name, "shut down"]


def test_what_it_raises_is_told_and_ends_nothing_early() -> None:
    with environment("fail") as process:
        code, (told,), _ = ended(process)

    line = json.loads(told)
    assert (code, line["message"], line["job_type"]) == (0, "on_shutdown_failed", TASK.name)
    assert "ConnectionError" in line["exception"]


def test_one_that_hangs_is_ended_before_lambda_would_and_said_where() -> None:
    with environment("hang") as process:
        began = time.monotonic()
        code, _, err = ended(process)

    assert code == 1
    assert "in hang" in err
    assert time.monotonic() - began < 10


def test_a_handler_of_sigterm_that_was_there_before_has_the_last_word() -> None:
    theirs = "signal.signal(signal.SIGTERM, lambda *_: print('theirs'))"
    with environment(_SAYS, first=theirs) as process:
        code, lines, _ = ended(process)

    assert (code, lines) == (0, ["shut down", "theirs"])


def test_a_process_that_a_handler_forks_ends_without_it() -> None:
    forks = (
        "import multiprocessing\n"
        "forked = multiprocessing.get_context('fork').Process(target=time.sleep, args=(30,))\n"
        "forked.start(); forked.terminate(); forked.join(10); print(forked.exitcode, flush=True)"
    )
    with environment(_SAYS, then=forks) as process:
        out, _ = process.communicate(timeout=30)

    assert out.splitlines() == ["ready", f"{-signal.SIGTERM}", "shut down"]


def test_a_worker_without_it_loads_nothing_and_asks_nobody() -> None:
    then = "print('workerless.shutdown' in sys.modules)"
    with runtime_api() as api, environment("None", then=then, runtime=api.address) as process:
        out, _ = process.communicate(timeout=20)

    assert out.splitlines() == ["ready", "False"]
    assert api.calls == []


def test_a_worker_shuts_down_once_after_each_start(caplog: pytest.LogCaptureFixture) -> None:
    order: list[str] = []

    def bye() -> None:
        order.append("bye")
        raise OSError("gone")

    made = worker(TASK, on_init=lambda: order.append("hi"), on_shutdown=bye)(
        lambda task: Done(text=task.text)
    )

    made.shut_down()
    for _ in range(2):
        made.start()
        made.shut_down()
        made.shut_down()

    assert order == ["hi", "bye", "hi", "bye"]
    assert caplog.text.count("on_shutdown_failed") == 2


def test_a_worker_of_many_jobs_at_once_has_it_too() -> None:
    order: list[str] = []

    def perform(tasks: Sequence[Task]) -> list[Done | BaseException]:
        return [Done(text=task.text) for task in tasks]

    made = chunk_worker(TASK, on_shutdown=lambda: order.append("bye"))(perform)

    made.start()
    made.shut_down()

    assert order == ["bye"]


def test_a_stage_of_a_test_shuts_its_workers_down_at_its_end_not_at_a_crash() -> None:
    order: list[str] = []

    def send(letter: Letter) -> Sent:
        order.append(letter.to)
        return Sent(number=1)

    with InMemoryStage() as stage:
        stage.use(worker(LETTER, on_shutdown=lambda: order.append("bye"))(send))
        stage.crash_next(LETTER)
        stage.run(LETTER, Letter(to="Ada"))
        assert set(order) == {"Ada"}

    assert order[-1:] == ["bye"]
    assert order.count("bye") == 1
