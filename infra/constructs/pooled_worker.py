"""The part of a pool's function in one of its job types: the mappings that call it."""

from typing import Any

from aws_cdk.aws_lambda import Function
from constructs import Construct

from infra.constructs.job_queue import JobQueue
from infra.constructs.live import live_of
from infra.constructs.mappings import add_mappings
from infra.settings import Stage
from workerless.job_type import JobType


class PooledWorker(Construct):
    """``function`` is the pool's, which is another stack's: known by its name."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function_name: str,
        job_type: JobType[Any, Any],
        queues: JobQueue,
        stage: Stage,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = Function.from_function_name(self, "Pool", function_name)
        live = live_of(self, "Live", function_name)
        self.mappings = add_mappings(
            self, function=live, queues=queues, job_type=job_type, stage=stage
        )
