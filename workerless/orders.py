"""Orders: messages that have the orchestrator look at a batch or workflow."""

import json
from collections.abc import Sequence

from workerless.frozen import frozen
from workerless.ports import Outgoing, Queue, Telemetry


@frozen
class Orders:
    """The queue that the orchestrator reads, at ``address``."""

    queue: Queue
    address: str

    def send(self, container_ids: Sequence[str], telemetry: Telemetry) -> None:
        """Have it look at each. What cannot be sent is told: the sweeper sends it again."""
        messages = [Outgoing(body=json.dumps({"container": one})) for one in container_ids]
        if not messages:
            return
        answers = self.queue.send_many(self.address, messages)
        for container_id, failure in zip(container_ids, answers, strict=True):
            if failure is not None:
                telemetry.trouble(
                    "order_failed", None, container_id=container_id, code=failure.code
                )
