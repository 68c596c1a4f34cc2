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
from workerless.environment import FUNCTION_MEMORY, FUNCTION_VERSION, trace_id

# Only ASCII: an escape cannot break a line, and a lone surrogate could not be written at all.
_to_json = json.JSONEncoder(default=str, separators=(",", ":")).encode
# The peak only grows: what one line leaves out, a later one tells.
_MEMORY_EVERY_MS = 1_000


class PowertoolsTelemetry:
    """Lines on standard output, which Lambda sends to CloudWatch Logs."""

    def __init__(self, service: str) -> None:
        version = os.environ.get(FUNCTION_VERSION)
        self._here = {metric.SERVICE: service} | ({"function_version": version} if version else {})
        self._around = _to_json(self._here)[1:-1]
        self._stream = sys.stdout
        self._memory_mib = int(os.environ.get(FUNCTION_MEMORY, "0"))
        self._memory_told_ms = 0
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
        now_ms = time.time_ns() // 1_000_000
        if metric.JOB_DURATION in counted and now_ms - self._memory_told_ms >= _MEMORY_EVERY_MS:
            self._memory_told_ms = now_ms
            counted |= self._memory()
        text = self._line(fields, counted, now_ms) if is_told else self._bare_line(fields, counted)
        if counted:
            text = f"{text[:-1]},{metric.directive(tuple(counted), now_ms)}}}"
        try:
            self._stream.write(f"{text}\n")
            self._stream.flush()
        except (OSError, ValueError):
            return  # nobody reads: no job may fail for it, nor could anybody be told

    def trouble(self, event: str, error: BaseException | None, **fields: str | int | None) -> None:
        """One line at ERROR, with the traceback when there is one, and what that came from."""
        if error is not None:
            _by_itself(error)
        self._logger.error(event, exc_info=error, extra=_told(fields))

    def logger(self, **fields: str | int | None) -> "logging.LoggerAdapter[logging.Logger]":
        return JobLogger(self._logger, _told(fields))

    def _line(
        self,
        fields: Mapping[str, str | float | None],
        counted: Mapping[str, float],
        now_ms: int,
    ) -> str:
        told = _told(fields)
        del told["event"]
        # Workers say it themselves: to look into the environment costs a quick job 3 % of all.
        if "xray_trace_id" not in fields and (trace := trace_id(os.environ)):
            told["xray_trace_id"] = trace
        told |= counted
        head = self._head(fields["event"], now_ms)
        return f"{head},{_quickly(told)[1:]}" if told else f"{head}}}"

    def _head(self, event: str | float | None, now_ms: int) -> str:
        """What a line of Powertools begins with: level, message, timestamp and service."""
        before, second, after = _head_of(event, self._around, now_ms // 1_000)
        return f"{before}{second},{now_ms % 1_000:03d}{after}"

    def _bare_line(
        self, fields: Mapping[str, str | float | None], counted: Mapping[str, float]
    ) -> str:
        """The dimensions alone."""
        name = fields[metric.JOB_TYPE] or ""
        return _quickly({**self._here, metric.JOB_TYPE: name, **counted})

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


def _by_itself(error: BaseException) -> None:
    """Have ``error`` tell its causes only, not what was handled when the first of them was raised.

    That may be a handler's own error, which quotes its payload: one asks for progress while it
    deals with another, and the file of an error is written while that is at hand.
    """
    seen: set[int] = set()
    while error.__cause__ is not None and id(error) not in seen:
        seen.add(id(error))
        error = error.__cause__
    error.__suppress_context__ = True


def _told(fields: Mapping[str, str | float | None]) -> dict[str, str | float]:
    return {name: value for name, value in fields.items() if value is not None}


def _quickly(line: Mapping[str, object]) -> str:
    """The same text in a quarter of the time, as long as it is ASCII."""
    try:
        text = to_json(line)
    except ValueError:  # half a character
        return _to_json(line)
    return text.decode() if text.isascii() else _to_json(line)


@lru_cache(maxsize=16)
def _head_of(event: str | float | None, around: str, now: int) -> tuple[str, str, str]:
    """Around the milliseconds of a timestamp like ``2026-11-22 08:30:00,250+0000``."""
    at = time.localtime(now)
    text = _to_json({"level": "INFO", "message": event, "timestamp": ""})
    before, after = f"{text[:-1]},{around}".split('"timestamp":"', 1)
    zone = time.strftime("%z", at)
    return f'{before}"timestamp":"', time.strftime("%Y-%m-%d %H:%M:%S", at), f"{zone}{after}"


def _peak_kib() -> int:
    """The most memory that this process ever held at once.

    Not what ``getrusage`` says: a process begins there with the peak of the one that started it.
    """
    try:
        with Path("/proc/self/status").open("rb") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(b"VmHWM"))
    except (OSError, StopIteration):
        return 0  # no Linux: a developer's machine
