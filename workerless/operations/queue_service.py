"""The queues in people's hands, as command line, HTTP API and console see them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from workerless.ledger import Operation
from workerless.operations.metrics import QueueMetrics
from workerless.operations.queues import AtOnce, QueueStats
from workerless.operator_ports import Depth


class Queues(Protocol):
    """The queues of the job types."""

    def stats(self, job_type: str) -> QueueStats:
        """Raises ``UnknownJobTypeError``, ``QueueUnavailableError``."""
        ...

    def at_once(self, job_type: str) -> AtOnce | None:
        """What an ``autoscale`` lets run now. Raises also ``PlatformUnavailableError``."""
        ...

    def metrics(self, job_type: str) -> QueueMetrics:
        """Raises ``UnknownJobTypeError``."""
        ...

    def purge(self, job_type: str, *, why: str) -> Operation:
        """Call off every job that waits; running ones go on. Raises as ``stats``."""
        ...

    def drain(
        self,
        job_type: str,
        *,
        timeout: timedelta,
        on_progress: Callable[[Depth], None] = lambda _: None,
    ) -> Depth:
        """Wait until nothing waits or is active; delayed jobs are left.

        Raises ``WaitTimeoutError``, and as ``stats``.
        """
        ...
