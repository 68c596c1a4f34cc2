"""The end of an execution environment, for workers that have an ``on_shutdown``.

Lambda sends SIGTERM only where an extension is registered. Ours is an internal one, without events:
it has to ask for the next, for INIT ends only then, and none ever comes. SIGKILL follows 500 ms
after SIGTERM.
Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

import atexit
import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from types import FrameType

from workerless.errors import WorkerlessError
from workerless.forking import keep_from_children
from workerless.logged import LoggedTelemetry
from workerless.ports import Telemetry

RUNTIME_API = "AWS_LAMBDA_RUNTIME_API"
_NAME = "workerless-on-shutdown"
_PATH = "/2020-01-01/extension"
# On the same machine; INIT has ten seconds for all.
_PATIENCE_SECONDS = 1.0
# A little before Lambda's SIGKILL, which would not say where it hung.
_LIMIT_SECONDS = 0.45


def run_logged(ending: Callable[[], None], job_type: str, telemetry: Telemetry | None) -> None:
    """Run an ``on_shutdown``. What it raises is told, as the process ends either way."""
    try:
        ending()
    except Exception as error:  # noqa: BLE001 -- whatever it is, others still have to end
        (telemetry or LoggedTelemetry()).trouble("on_shutdown_failed", error, job_type=job_type)


def at_end(ending: Callable[[], None], variables: Mapping[str, str], telemetry: Telemetry) -> None:
    """Have ``ending`` run at SIGTERM and at the exit of this process; it must bear both.

    After SIGTERM the process is gone within 0.45 s. A handler that was there before has the last
    word. Without Lambda's runtime API, or when it refuses, nobody but SIGTERM's sender is asked.
    """
    atexit.register(ending)
    if threading.current_thread() is threading.main_thread():
        _at_sigterm(ending)
    if address := variables.get(RUNTIME_API):
        try:
            extension = _registered(address)
        except (OSError, HTTPException, WorkerlessError) as error:
            telemetry.trouble("extension_not_registered", error)
            return
        threading.Thread(target=_wait, args=(address, extension), name=_NAME, daemon=True).start()


def _at_sigterm(ending: Callable[[], None]) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def end(number: int, frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)  # of a job that the end interrupts
        faulthandler.dump_traceback_later(_LIMIT_SECONDS, exit=True)
        try:
            ending()
            if callable(before):
                before(number, frame)
        finally:
            # Lambda's runtime waits on a thread that nothing ends: an exit in order would hang.
            with suppress(OSError, ValueError, RuntimeError):  # in the midst of a line
                sys.stdout.flush()
            os._exit(0)

    signal.signal(signal.SIGTERM, end)
    # What a handler forks and terminates is not this environment.
    keep_from_children({signal.SIGTERM: before})


def _registered(address: str) -> str:
    """The identifier that Lambda gave it. Raises as HTTP does; ``WorkerlessError`` if refused."""
    connection = HTTPConnection(address, timeout=_PATIENCE_SECONDS)
    try:
        headers = {"Lambda-Extension-Name": _NAME, "Content-Type": "application/json"}
        connection.request("POST", f"{_PATH}/register", body='{"events":[]}', headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        identifier = answer.headers.get("Lambda-Extension-Identifier")
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK or identifier is None:
        raise WorkerlessError(
            f"Lambda must register extension {_NAME}, which it does in INIT alone, got "
            f"{answer.status} {text}; on_shutdown runs only if another extension is there"
        )
    return identifier


def _wait(address: str, identifier: str) -> None:
    """Until the process ends; a call that breaks off is of a process that does."""
    connection = HTTPConnection(address)
    with suppress(OSError, HTTPException):
        connection.request(
            "GET", f"{_PATH}/event/next", headers={"Lambda-Extension-Identifier": identifier}
        )
        connection.getresponse().read()
    connection.close()
