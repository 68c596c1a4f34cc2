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
from typing import Any

from aws_lambda_powertools import Logger
from pydantic_core import to_json

_TRACE = "_X_AMZN_TRACE_ID"
# Only ASCII: an escape cannot break a line, and a lone surrogate could not be written at all.
_to_json = json.JSONEncoder(default=str, separators=(",", ":")).encode


class PowertoolsTelemetry:
    """Lines on standard output, which Lambda sends to CloudWatch Logs."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._stream = sys.stdout
        # A message that is JSON stays the text it is: parsing it would let a job shape its line.
        powertools = Logger(
            service=service, stream=self._stream, json_serializer=_to_json, json_deserializer=str
        )
        self._logger = logging.getLogger(powertools.name)

    def transition(self, fields: Mapping[str, str | int | float | None]) -> None:
        """One line; its message is the field ``event``."""
        if self._logger.isEnabledFor(logging.INFO):
            line: dict[str, object] = {
                "level": "INFO",
                "message": fields.get("event", "transition"),
                "timestamp": _timestamp(time.time()),
                "service": self._service,
            }
            line |= _told(fields)
            if trace := os.environ.get(_TRACE):  # X-Ray's id of the invocation
                line["xray_trace_id"] = trace.partition(";")[0].removeprefix("Root=")
            try:
                self._stream.write(f"{_quickly(line)}\n")
                self._stream.flush()
            except (OSError, ValueError):
                return  # nobody reads: no job may fail for it, nor could anybody be told

    def trouble(self, event: str, error: BaseException | None, **fields: str | int | None) -> None:
        """One line at ERROR, with the traceback when there is one."""
        self._logger.error(event, exc_info=error, extra=_told(fields))

    def logger(self, **fields: str | int | None) -> "logging.LoggerAdapter[logging.Logger]":
        return JobLogger(self._logger, _told(fields))


class JobLogger(logging.LoggerAdapter[logging.Logger]):
    """The logger of one job. Its own fields win over those of a line: they say whose line it is."""

    def process(
        self, msg: object, kwargs: MutableMapping[str, Any]
    ) -> tuple[object, MutableMapping[str, Any]]:
        return msg, {**kwargs, "extra": {**(kwargs.get("extra") or {}), **(self.extra or {})}}


def _told(fields: Mapping[str, str | float | None]) -> dict[str, str | float]:
    return {name: value for name, value in fields.items() if value is not None and name != "event"}


def _quickly(line: Mapping[str, object]) -> str:
    """The same text in a quarter of the time, as long as it is ASCII."""
    try:
        text = to_json(line)
    except ValueError:  # half a character
        return _to_json(line)
    return text.decode() if text.isascii() else _to_json(line)


def _timestamp(now: float) -> str:
    """As Powertools writes it: ``2026-11-22 08:30:00,250+0000``."""
    return _second(int(now)) % (now % 1 * 1000)


@lru_cache(maxsize=1)
def _second(now: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S,%%03d%z", time.localtime(now))
