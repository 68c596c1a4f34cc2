"""The Lambda function of a pool: several job types, each with a queue of its own.

All messages of an invocation are from one queue, and so of one job type: its worker runs them as if
the function were its own. A worker is made when the first of its jobs comes, not when the
environment starts: a pool may be large, and an environment meets few of its job types.
"""

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from workerless import naming
from workerless.environment import STAGE
from workerless.errors import WorkerlessError
from workerless.execution.response import BatchResponse
from workerless.worker import LambdaContext, Worker

_PACKAGE = "functions"


class Pool:
    """Call it with an SQS event and a context. ``members`` are folders by job type."""

    def __init__(self, members: Mapping[str, str]) -> None:
        self._members = members
        self._workers: dict[str, Worker] = {}

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> BatchResponse:
        """As ``Worker``. Raises ``WorkerlessError`` for a queue that is no member's."""
        queue = str(event["Records"][0]["eventSourceARN"]).rpartition(":")[2]
        return self._worker(naming.without_lane(queue))(event, context)

    def _worker(self, queue: str) -> Worker:
        if queue not in self._workers:
            folder = self._folder(queue)
            found = import_module(f"{_PACKAGE}.{folder}.handler").handler
            if not isinstance(found, Worker):
                raise WorkerlessError(
                    f"functions/{folder}/handler.py must have a `handler = worker(...)(...)`, got "
                    f"{type(found).__name__}"
                )
            self._workers[queue] = found
        return self._workers[queue]

    def _folder(self, queue: str) -> str:
        stage = os.environ.get(STAGE, "")
        for job_type, folder in self._members.items():
            if naming.resource(stage, job_type) == queue:
                return folder
        raise WorkerlessError(
            f"queue {queue} is of no job type of this pool ({', '.join(self._members)}); deploy "
            "its stack again"
        )
