"""Telling CloudWatch how many jobs a client has enqueued: a line of JSON in a log that it reads."""

import sys
import time
from collections.abc import Callable, Mapping

from workerless import metric
from workerless.environment import IN_LAMBDA, STAGE

type Write = Callable[[str], object]


def counter(stage: str, write: Write | None) -> Callable[[str, int], object] | None:
    """What is told of jobs by type and number, and writes the line; None where nobody reads."""
    if write is None:
        return None
    service = metric.service(stage)
    return lambda job_type, jobs: write(
        metric.enqueued(service, job_type, jobs, now_ms=time.time_ns() // 1_000_000)
    )


def own_log(stage: str, variables: Mapping[str, str]) -> Write | None:
    """Standard output, in the functions of the stage: there it is a log that CloudWatch reads."""
    return _write if variables.get(STAGE) == stage and IN_LAMBDA in variables else None


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
