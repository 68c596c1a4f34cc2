"""Telemetry that keeps what it is told."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that went wrong around a job."""

    event: str
    error: BaseException | None
    fields: Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line a job logged, with the fields of its logger."""

    level: str
    message: str
    fields: Mapping[str, str | int | None]


class RecordingTelemetry:
    """``transitions``, ``troubles`` and ``lines``, each in the order they came."""

    def __init__(self) -> None:
        self.transitions: list[dict[str, str | int | float | None]] = []
        self.troubles: list[Trouble] = []
        self.lines: list[Line] = []

    def transition(self, fields: Mapping[str, str | int | float | None]) -> None:
        self.transitions.append(dict(fields))

    def trouble(self, event: str, error: BaseException | None, **fields: str | int | None) -> None:
        self.troubles.append(Trouble(event=event, error=error, fields=fields))

    def logger(self, **fields: str | int | None) -> "logging.LoggerAdapter[logging.Logger]":
        logger = logging.Logger("job")  # noqa: LOG001 -- registered, it would outlive its test
        logger.addHandler(_Recorder(self.lines, fields))
        return logging.LoggerAdapter(logger, {}, merge_extra=True)


class _Recorder(logging.Handler):
    def __init__(self, lines: list[Line], fields: Mapping[str, str | int | None]) -> None:
        super().__init__()
        self._lines = lines
        self._fields = fields

    def emit(self, record: logging.LogRecord) -> None:
        line = Line(level=record.levelname, message=record.getMessage(), fields=self._fields)
        self._lines.append(line)
