"""The function of a pool: several job types, each with a stack of its own for all else."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import App, Stack, Tags

from infra.alarms import function_rows
from infra.alarms.system_alarms import SystemAlarms, of_function
from infra.artifact import Artifact
from infra.constructs.worker_function import Made, WorkerFunction
from infra.constructs.worker_role import Others, Reach
from infra.pooling import Pool
from infra.settings import Stage
from infra.tagging import stage_tags
from workerless import naming
from workerless.job_type import JobType


class PoolStack(Stack):
    """Function, role and log group. Queues and mappings are in the job types' own stacks."""

    def __init__(
        self,
        scope: App,
        *,
        pool: Pool,
        stage: Stage,
        layer: Artifact,
        code: Artifact,
        all_types: Sequence[JobType[Any, Any]],
    ) -> None:
        name = f"workerless-{stage.name}-pool-{pool.name}"
        super().__init__(
            scope,
            name,
            stack_name=name,
            description=f"Workerless, stage {stage.name}: function of pool {pool.name}",
            env=stage.environment,
        )
        self.pool = pool
        names = ", ".join(one.name for one in pool.job_types)
        # Its queues are other stacks': what comes before their names.
        place = f"https://sqs.{self.region}.{self.url_suffix}/{self.account}/"
        self.worker = WorkerFunction(
            self,
            "Worker",
            made=Made(
                name=naming.pool(stage.name, pool.name),
                description=f"Pool {pool.name}: {names}",
                handler="functions._pool.handler",
                timeout=pool.function_timeout,
                memory_mb=pool.memory_mb,
                ephemeral_storage_mb=pool.ephemeral_storage_mb,
                environment=pool.environment(stage),
                placement=pool.placement(stage),
                queue=place,
                dead_letters=place,
            ),
            reach=[
                Reach.by_name(one, stage, self, others=Others.of(one, all_types))
                for one in pool.job_types
            ],
            stage=stage,
            layer=layer,
            code=code,
        )
        SystemAlarms(
            self,
            "Alarms",
            stage=stage,
            prefix=naming.pool(stage.name, pool.name),
            title=f"Pool {pool.name}",
            rows=[function_rows.crashes("function"), function_rows.throttles("function")],
            places={"function": of_function(self.worker.function)},
        )
        for key, value in {**stage_tags(stage), "workerless:pool": pool.name}.items():
            Tags.of(self).add(key, value)
