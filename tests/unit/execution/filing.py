"""What tests of files share: texts too big for messages and records."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless.handle import Job

BIG = "x" * 250_000
HUGE = "y" * 310_000
DAY = timedelta(days=1)


def enqueue(bench: Bench, text: str = BIG, **options: Any) -> Job[Any]:
    return bench.client.enqueue(TASK, Task(text=text), **options)


def raising(error: BaseException) -> Callable[[Task], Done]:
    def perform(_: Task) -> Done:
        raise error

    return perform
