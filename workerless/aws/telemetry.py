"""What operators see: one JSON line an event.

A job's own lines, and what goes wrong, are told by Powertools' Logger. Nothing is ever appended to
the logger itself: its keys are shared by all jobs of the process, and jobs run side by side. The
fields of a line travel with the line.

Transitions are most of all lines, two a job: they are written without a ``LogRecord``, which would
cost more than all else that a quick job needs of us. They look the same, and obey the same level.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from pydantic_core import to_json

from workerless import metric
from workerless.environment import FUNCTION_MEMORY, trace_id

# Only ASCII: an escape cannot break a line, and a lone surrogate could not be written at all.
_to_json = json.JSONEncoder(default=str, separators=(",", ":")).encode
# Seconds. The peak only grows: what one line leaves out, a later one tells.
_MEMORY_EVERY = 1.0


class PowertoolsTelemetry:
    """Lines on standard output, which Lambda sends to CloudWatch Logs."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._stream = sys.stdout
        self._memory_mib = int(os.environ.get(FUNCTION_MEMORY, "0"))
        self._memory_told_at = 0.0
        # A message that is JSON stays the text it is: parsing it would let a job shape its line.
        powertools = Logger(
            service=service, stream=self._stream, json_serializer=_to_json, json_deserializer=str
        )
        self._logger = logging.getLogger(powertools.name)

    def transition(self, fields: Mapping[str, str | int | float | None]) -> None:
        """One line; its message is the field ``event``. Metrics are told whatever the level is."""
        counted = metric.values(fields)
        if not (is_told := self._logger.isEnabledFor(logging.INFO)) and not counted:
            return
        now = time.time()
        if metric.JOB_DURATION in counted and now - self._memory_told_at >= _MEMORY_EVERY:
            self._memory_told_at = now
            counted |= self._memory()
        line = self._line(fields, now) if is_told else self._bare_line(fields)
        line |= counted
        text = _quickly(line)
        if counted:
            text = f"{text[:-1]},{metric.directive(tuple(counted), int(now * 1000))}}}"
        try:
            self._stream.write(f"{text}\n")
            self._stream.flush()
        except (OSError, ValueError):
            return  # nobody reads: no job may fail for it, nor could anybody be told

    def trouble(self, event: str, error: BaseException | None, **fields: str | int | None) -> None:
        """One line at ERROR, with the traceback when there is one."""
        self._logger.error(event, exc_info=error, extra=_told(fields))

    def logger(self, **fields: str | int | None) -> "logging.LoggerAdapter[logging.Logger]":
        return JobLogger(self._logger, _told(fields))

    def _line(
        self, fields: Mapping[str, str | int | float | None], now: float
    ) -> dict[str, str | float]:
        line: dict[str, str | float] = {
            "level": "INFO",
            "message": "",
            "timestamp": _timestamp(now),
            metric.SERVICE: self._service,
        }
        line |= _told(fields)
        line["message"] = line["event"]
        del line["event"]
        # Workers say it themselves: to look into the environment costs a quick job 3 % of all.
        if "xray_trace_id" not in fields and (trace := trace_id(os.environ)):
            line["xray_trace_id"] = trace
        return line

    def _bare_line(self, fields: Mapping[str, str | float | None]) -> dict[str, str | float]:
        """The dimensions alone."""
        return {metric.SERVICE: self._service, metric.JOB_TYPE: fields[metric.JOB_TYPE] or ""}

    def _memory(self) -> dict[str, float]:
        """Outside of a function nobody knows what a hundred per cent would be."""
        if not self._memory_mib:
            return {}
        return {metric.MEMORY_USED: round(_peak_kib() / self._memory_mib / 10.24, 1)}


class JobLogger(logging.LoggerAdapter[logging.Logger]):
    """The logger of one job. Its own fields win over those of a line: they say whose line it is."""

    def process(
        self, msg: object, kwargs: MutableMapping[str, Any]
    ) -> tuple[object, MutableMapping[str, Any]]:
        return msg, {**kwargs, "extra": {**(kwargs.get("extra") or {}), **(self.extra or {})}}


def _told(fields: Mapping[str, str | float | None]) -> dict[str, str | float]:
    return {name: value for name, value in fields.items() if value is not None}


def _quickly(line: Mapping[str, object]) -> str:
    """The same text in a quarter of the time, as long as it is ASCII."""
    try:
        text = to_json(line)
    except ValueError:  # half a character
        return _to_json(line)
    return text.decode() if text.isascii() else _to_json(line)


def _timestamp(now: float) -> str:
    """As Powertools writes it: ``2026-11-22 08:30:00,250+0000``."""
    second, zone = _second(int(now))
    return f"{second},{int(now % 1 * 1000):03d}{zone}"


@lru_cache(maxsize=1)
def _second(now: int) -> tuple[str, str]:
    at = time.localtime(now)
    return time.strftime("%Y-%m-%d %H:%M:%S", at), time.strftime("%z", at)


def _peak_kib() -> int:
    """The most memory that this process ever held at once.

    Not what ``getrusage`` says: a process begins there with the peak of the one that started it.
    """
    try:
        with Path("/proc/self/status").open("rb") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(b"VmHWM"))
    except (OSError, StopIteration):
        return 0  # no Linux: a developer's machine
