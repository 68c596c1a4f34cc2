"""Telemetry outside of Lambda: troubles are warnings of Python's own logging, and nothing else."""

import logging
from collections.abc import Mapping

_LOGGER = logging.getLogger("workerless")


class LoggedTelemetry:
    """For a command line or an application, which say themselves what they did."""

    def transition(self, fields: Mapping[str, str | int | float | None]) -> None:
        """One line at DEBUG."""
        _LOGGER.debug("%s", dict(fields))

    def trouble(self, event: str, error: BaseException | None, **fields: str | int | None) -> None:
        """One line at WARNING, with what was raised in a few words."""
        told = {name: value for name, value in fields.items() if value is not None}
        _LOGGER.warning("%s %s %s", event, told, error or "")

    def logger(self, **fields: str | int | None) -> "logging.LoggerAdapter[logging.Logger]":
        return logging.LoggerAdapter(_LOGGER, fields)
