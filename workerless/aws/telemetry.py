"""What operators see: one JSON line an event, through Powertools' Logger.

Nothing is ever appended to the logger itself: its keys are shared by all jobs of the process, and
jobs run side by side. The fields of a line travel with the line.
"""

import json
import logging
from collections.abc import Mapping, MutableMapping
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

# Only ASCII: an escape cannot break a line, and a lone surrogate could not be written at all.
_to_json = partial(json.dumps, default=str, separators=(",", ":"))


class PowertoolsTelemetry:
    """Lines on standard output, which Lambda sends to CloudWatch Logs."""

    def __init__(self, service: str) -> None:
        # A message that is JSON stays the text it is: parsing it would let a job shape its line.
        powertools = Logger(service=service, json_serializer=_to_json, json_deserializer=str)
        self._logger = logging.getLogger(powertools.name)

    def transition(self, fields: Mapping[str, str | int | float | None]) -> None:
        """One line; its message is the field ``event``."""
        self._logger.info(fields.get("event", "transition"), extra=_told(fields))

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
