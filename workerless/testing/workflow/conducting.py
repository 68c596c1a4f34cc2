"""Plays the orchestrator, and the sweeper's look at batches and workflows, on a virtual clock."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workerless.due import SHARDS
from workerless.execution.workflow_sweep import sweep_workflows
from workerless.orchestrator import obey

if TYPE_CHECKING:
    from workerless.testing.doubles import Doubles

_FAR = datetime.max.replace(tzinfo=UTC)
# More than an hour in all: by then the sweeper has lost its patience with whatever is missing.
_LOOKS_IN_VAIN = 30

# When something happens, and what; it gives how many jobs were delivered.
type Happening = tuple[datetime, Callable[[], int]]


class Conducting:
    """Those of one stage."""

    def __init__(self, doubles: "Doubles") -> None:
        self._doubles = doubles
        self._seen, self._in_vain = -1, 0

    def orders(self) -> list[Happening]:
        """The next invocation of the orchestrator."""
        at = self._doubles.queue.next_visible_at(self._doubles.orders().address)
        return [] if at is None else [(at, self._obey)]

    def looks(self) -> list[Happening]:
        """When the sweeper would next look at a container, unless it has long found nothing."""
        if self._told() != self._seen:
            self._in_vain = 0
        if self._in_vain > _LOOKS_IN_VAIN:
            return []
        containers = self._doubles.store.containers
        due = [
            one for shard in range(SHARDS) for one in containers.due(shard, before=_FAR, limit=1)
        ]
        return [(min(one.at for one in due), self._look)] if due else []

    def _obey(self) -> int:
        queue, address = self._doubles.queue, self._doubles.orders().address
        records = queue.deliver(address)
        response = obey(records, self._doubles.orchestra())
        kept = {failure["itemIdentifier"] for failure in response["batchItemFailures"]}
        for record in records:
            if record["messageId"] not in kept:
                queue.acknowledge(address, record["receiptHandle"])
        return 0

    def _look(self) -> int:
        for shard in range(SHARDS):
            sweep_workflows(shard, self._doubles.workflow_sweeper())
        self._seen, self._in_vain = self._told(), self._in_vain + 1
        return 0

    def _told(self) -> int:
        return len(self._doubles.telemetry.transitions)
