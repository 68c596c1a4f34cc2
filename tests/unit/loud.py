"""Telemetry that is recorded, and written as on Lambda."""

from collections.abc import Mapping
from uuid import uuid4

from workerless.aws.telemetry import PowertoolsTelemetry
from workerless.testing.telemetry import RecordingTelemetry


class LoudTelemetry(RecordingTelemetry):
    """Make it in the test: pytest swaps standard output between fixtures and their test."""

    def __init__(self) -> None:
        super().__init__()
        # A name of its own: loggers live as long as the process.
        self._written = PowertoolsTelemetry(f"loud-{uuid4()}")

    def transition(self, fields: Mapping[str, str | int | float | None]) -> None:
        super().transition(fields)
        self._written.transition(fields)

    def trouble(self, event: str, error: BaseException | None, **fields: str | int | None) -> None:
        super().trouble(event, error, **fields)
        self._written.trouble(event, error, **fields)
