"""The function that runs the jobs of one type, or of a pool of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aws_cdk import Size, Stack
from aws_cdk.aws_lambda import Function, RecursiveLoop, Runtime
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from infra.artifact import Artifact
from infra.constructs.gradual import Gradual
from infra.constructs.job_queue import JobQueue
from infra.constructs.live import VERSIONS, add_live, count_layers
from infra.constructs.mappings import add_mappings
from infra.constructs.runtime import ARCHITECTURES, asset_code, library
from infra.constructs.surroundings import Surroundings
from infra.constructs.worker_role import Others, Reach, WorkerRole
from infra.duration import seconds
from infra.placeholders import fill_all
from infra.placement import Placement
from infra.retention import removal_policy
from infra.settings import Stage
from workerless import naming
from workerless.discovery import Found
from workerless.environment import WorkerEnvironment

_MAX_DESCRIPTION = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a worker's function is like. ``queue`` and ``dead_letters`` are addresses."""

    name: str
    description: str
    handler: str
    timeout: timedelta
    memory_mb: int
    ephemeral_storage_mb: int
    environment: Mapping[str, str]
    placement: Placement
    queue: str
    dead_letters: str


class WorkerFunction(Construct):
    """Function, its alias ``live``, role, log group and layer."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        made: Made,
        reach: Sequence[Reach],
        stage: Stage,
        layer: Artifact,
        code: Artifact,
    ) -> None:
        super().__init__(scope, construct_id)
        count_layers(self)
        self.log_group = LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/lambda/{made.name}",
            retention=stage.log_retention,
            removal_policy=removal_policy(stage),
        )
        self.role = WorkerRole(
            self, "Access", reach=reach, stage=stage, log_group=self.log_group
        ).role
        architecture = ARCHITECTURES[stage.architecture]
        self.layer = library(self, "Library", stage=stage, code=layer)
        self.around = Surroundings(
            self, "Around", function=made.name, placement=made.placement, stage=stage
        )
        self.around.allow(self.role)
        self.function = Function(
            self,
            "Function",
            function_name=made.name,
            description=made.description[:_MAX_DESCRIPTION],
            runtime=Runtime.PYTHON_3_13,
            architecture=architecture,
            handler=made.handler,
            code=asset_code(code),
            # Where two have the same file, that of the last one counts.
            layers=[*self.around.layers, self.layer],
            role=self.role,
            timeout=seconds(made.timeout),
            memory_size=made.memory_mb,
            ephemeral_storage_size=Size.mebibytes(made.ephemeral_storage_mb),
            environment=_environment(made, stage, Stack.of(self)),
            log_group=self.log_group,
            # A fresh message in its own queue (see WorkerRole) is a loop to Lambda, which stops
            # loops after some 16 turns.
            # https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
            recursive_loop=RecursiveLoop.ALLOW,
            current_version_options=VERSIONS,
        )
        self.around.put_around(self.function)
        self.live = add_live(self, self.function)
        if stage.is_judged:
            Gradual(
                self,
                "Release",
                name=made.name,
                function=self.function,
                live=self.live,
                log_group=self.log_group,
                stage=stage,
            )


class OwnWorker(WorkerFunction):
    """The function of one job type alone, and the mappings that bring jobs to it, by lane."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        found: Found,
        stage: Stage,
        queues: JobQueue,
        layer: Artifact,
        code: Artifact,
        others: Others,
    ) -> None:
        job_type = found.job_type
        super().__init__(
            scope,
            construct_id,
            made=_made(found, stage, queues),
            reach=[Reach.of(job_type, queues, others=others)],
            stage=stage,
            layer=layer,
            code=code,
        )
        self.mappings = add_mappings(
            self,
            function=self.live,
            queues=queues,
            job_type=job_type,
            stage=stage,
        )


def _made(found: Found, stage: Stage, queues: JobQueue) -> Made:
    job_type = found.job_type
    return Made(
        name=naming.resource(stage.name, job_type.name),
        description=f"{job_type.name}: {job_type.description}",
        handler=f"functions.{found.folder}.handler.handler",
        timeout=job_type.function_timeout,
        memory_mb=job_type.memory_mb,
        ephemeral_storage_mb=job_type.ephemeral_storage_mb,
        environment=stage.environment_of(job_type),
        placement=stage.placement_of(job_type.name),
        queue=queues.queue.queue_url,
        dead_letters=queues.dead_letters.queue_url,
    )


def _environment(made: Made, stage: Stage, stack: Stack) -> dict[str, str]:
    worker = WorkerEnvironment(
        stage=stage.name,
        table=naming.table(stage.name),
        bucket=naming.bucket(stage.name, stack.account, stack.region),
        queue_url=made.queue,
        dead_letter_url=made.dead_letters,
    )
    return {**fill_all(made.environment, stage=stage, stack=stack), **worker.render()}
