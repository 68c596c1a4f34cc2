"""One process of a container, started by ``crew`` with a plan: ``-m workerless.container.post``.

SIGTERM: take no more. SIGUSR1: what still runs comes back as if it had snoozed, no attempt spent.
A process whose parent is gone stops as well.
"""

import faulthandler
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import FrameType

from workerless.container import health
from workerless.container.shift import Post, run_shift
from workerless.environment import WorkerEnvironment
from workerless.errors import WorkerlessError
from workerless.forking import keep_from_children
from workerless.frozen import frozen
from workerless.signals import Interrupted
from workerless.worker import Worker

_KIB_PER_MIB = 1024
# For `on_shutdown`: what the crew has left once it hurries.
_CLOSING = timedelta(seconds=5)


@frozen
class Plan:
    """What a process is told. ``folder`` is the job type's below ``functions/``.

    ``slot`` is its number, from 0; ``queues`` are pairs of lane, if any, and address.
    """

    folder: str
    slot: int
    queues: tuple[tuple[str | None, str], ...]
    max_jobs: int
    max_memory_mib: float
    health: str

    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Plan":
        fields = json.loads(text)
        return cls(**{**fields, "queues": tuple((lane, url) for lane, url in fields["queues"])})


class Stop:
    """Whether this process shall end; hears signals from when it is made."""

    def __init__(self) -> None:
        self._told = False
        self._parent = os.getppid()
        signal.signal(signal.SIGTERM, self._hear)
        # Of a terminal: the parent decides. What is ignored stays so in programs that a handler
        # starts, and those end by it.
        signal.signal(signal.SIGINT, _pass)
        signal.signal(signal.SIGUSR1, hurry)
        keep_from_children(
            {
                signal.SIGTERM: signal.SIG_DFL,
                signal.SIGINT: signal.default_int_handler,
                signal.SIGUSR1: signal.SIG_DFL,
            }
        )

    def __call__(self) -> bool:
        return self._told or os.getppid() != self._parent

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        self._told = True


def _pass(_signal: int, _frame: FrameType | None) -> None:
    """Nothing happens."""


def hurry(_signal: int, _frame: FrameType | None) -> None:
    """End the handlers that run: a sync one here and now, async ones at their next await.

    The alarm of a soft deadline is set only while a sync handler runs.
    """
    if signal.getitimer(signal.ITIMER_REAL)[0] > 0:
        raise Interrupted
    if "asyncio" in sys.modules:
        _hurry_async()


def _hurry_async() -> None:
    import asyncio  # noqa: PLC0415 -- is there: an async handler may be running

    from workerless.execution.async_soft_deadline import end_all  # noqa: PLC0415 -- the same

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # between batches
        return
    # What is called from a signal's handler alone does not wake a loop that waits.
    loop.call_soon_threadsafe(end_all, Interrupted)


@contextmanager
def ends_in(limit: timedelta) -> Iterator[None]:
    """Kill this process, as Lambda would, unless the body is done in time; C code or not."""
    faulthandler.dump_traceback_later(limit.total_seconds(), exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def load(folder: str) -> Worker:
    """Raises ``WorkerlessError`` unless the handler is one, and whatever its import raises."""
    found = import_module(f"functions.{folder}.handler").handler
    if not isinstance(found, Worker):
        raise WorkerlessError(
            f"functions/{folder}/handler.py must have a `handler = worker(...)(...)`, got "
            f"{type(found).__name__}"
        )
    return found


def main(text: str) -> None:
    """Work until told to stop, or until another process should follow."""
    stop, plan = Stop(), Plan.read(text)
    worker = load(plan.folder)
    ports = worker.prepare()
    table = WorkerEnvironment.read(os.environ).table
    file = Path(plan.health) / f"{plan.slot}.until"
    from workerless.aws.flow.settings import DynamoSettings  # noqa: PLC0415 -- after the handler
    from workerless.aws.intake import SqsIntake  # noqa: PLC0415 -- the same
    from workerless.aws.session import AwsClients  # noqa: PLC0415 -- the same
    from workerless.aws.table import Table  # noqa: PLC0415 -- the same

    clients = AwsClients()
    post = Post(
        worker=worker,
        ports=ports,
        queues=dict(plan.queues),
        intake=SqsIntake(
            clients.patient_sqs,
            ports.queue,
            lambda queue, code: ports.telemetry.trouble(
                "not_deleted", None, queue=queue, code=code
            ),
        ),
        settings=DynamoSettings(Table(clients.dynamodb, table, ports.clock)),
        is_stopping=stop,
        memory_mib=memory_mib,
        alive=lambda seconds: health.speak(file, seconds, time.time()),
        ends_in=ends_in,
    )
    try:
        run_shift(post, max_jobs=plan.max_jobs, max_memory_mib=plan.max_memory_mib)
    finally:
        with ends_in(_CLOSING):
            worker.shut_down()
            worker.close()


def memory_mib() -> float:
    """The most that this process ever used.

    ``getrusage`` begins with what the process had used that started this one, so it is asked only
    where there is no /proc.
    """
    try:
        told = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        told = ""
    for line in told.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / _KIB_PER_MIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_PER_MIB


if __name__ == "__main__":
    main(sys.argv[1])
