"""All that belongs to one job type: deployed, changed and removed without touching another."""

from dataclasses import dataclass
from typing import Any

from aws_cdk import App, Stack, Tags
from aws_cdk.aws_ssm import StringParameter

from infra.alarms.job_alarms import JobAlarms, stale_after
from infra.artifact import Artifact
from infra.constructs.job_queue import JobQueue
from infra.constructs.job_schedules import JobSchedules
from infra.constructs.job_sources import JobSources
from infra.constructs.mappings import keep_off
from infra.constructs.pooled_worker import PooledWorker
from infra.constructs.worker_function import OwnWorker
from infra.constructs.worker_role import Others
from infra.dashboards.job_dashboard import JobDashboard
from infra.dashboards.shown import Shown
from infra.pooling import Pool
from infra.settings import Stage
from infra.tagging import job_type_tags
from workerless import naming
from workerless.discovery import Found
from workerless.hidden import hidden_in
from workerless.job_type import JobType


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a function of one job type alone is made of.

    ``others`` are those to whose queues its workers send.
    """

    layer: Artifact
    code: Artifact
    others: Others


class JobTypeStack(Stack):
    """Queue, dead letters, function, schedules, alarms and dashboard of a job type.

    What runs its jobs is a ``Pool``, which is another stack's, or a function of its own.
    """

    def __init__(self, scope: App, *, found: Found, stage: Stage, runs: Pool | Own) -> None:
        job_type = found.job_type
        name = stack_name(stage.name, job_type.name)
        super().__init__(
            scope,
            name,
            stack_name=name,
            description=f"Workerless, stage {stage.name}: job type {job_type.name}",
            env=stage.environment,
            # Its queue may hold jobs, and nobody else has them.
            termination_protection=stage.keeps_data,
        )
        of_function = runs if isinstance(runs, Pool) else job_type
        visibility = job_type.visibility_under(of_function.function_timeout)
        self.queues = JobQueue(
            self, "Queues", job_type=job_type, stage=stage, visibility=visibility
        )
        self.worker = self._worker(found, stage, runs)
        scale = stage.scale_of(job_type)
        in_containers = stage.runs_in_containers(job_type.name)
        if in_containers:
            keep_off(self.worker.mappings.values())
        self.alarms = JobAlarms(
            self,
            "Alarms",
            job_type=job_type,
            stage=stage,
            queues=self.queues,
            function=self.worker.function if isinstance(self.worker, OwnWorker) else None,
            mappings=self.worker.mappings,
            stale_after=stale_after(visibility),
        )
        self.shown = Shown(
            job_type=job_type,
            function=naming.pool(stage.name, runs.name)
            if isinstance(runs, Pool)
            else naming.resource(stage.name, job_type.name),
            lanes=list(self.queues.by_lane),
            stale_after=self.alarms.stale_after,
            timeout=of_function.function_timeout,
            memory_mb=of_function.memory_mb,
            is_pooled=isinstance(runs, Pool),
        )
        JobDashboard(
            self,
            "Page",
            shown=self.shown,
            stage=stage,
            function=self.worker.function,
            alarms=self.alarms,
        )
        StringParameter(
            self,
            "Parameter",
            parameter_name=naming.job_type_parameter(stage.name, job_type.name),
            description=f"Where clients of this stage find job type {job_type.name}",
            string_value=self.to_json_string(
                {
                    "queue": self.queues.queue.queue_url,
                    "dead_letters": self.queues.dead_letters.queue_url,
                    "function": self.worker.function.function_name,
                    "tracking": job_type.tracking.value,
                    **self._lanes(),
                    **_hidden(job_type),
                    **({"autoscale": scale.published()} if scale else {}),
                    **({"in_containers": True} if in_containers else {}),
                }
            ),
        )
        if job_type.schedules:
            JobSchedules(self, "Schedules", job_type=job_type, stage=stage)
        self.sources = (
            JobSources(self, "Sources", job_type=job_type, stage=stage, queues=self.queues)
            if job_type.sources
            else None
        )
        for key, value in job_type_tags(job_type, stage).items():
            Tags.of(self).add(key, value)

    def _worker(self, found: Found, stage: Stage, runs: Pool | Own) -> OwnWorker | PooledWorker:
        if isinstance(runs, Pool):
            return PooledWorker(
                self,
                "Worker",
                function_name=naming.pool(stage.name, runs.name),
                job_type=found.job_type,
                queues=self.queues,
                stage=stage,
            )
        return OwnWorker(
            self,
            "Worker",
            found=found,
            stage=stage,
            queues=self.queues,
            layer=runs.layer,
            code=runs.code,
            others=runs.others,
        )

    def _lanes(self) -> dict[str, dict[str, str]]:
        """The queues by lane, where there are lanes."""
        queues = {
            lane.name: queue.queue_url for lane, queue in self.queues.by_lane.items() if lane.name
        }
        return {"lanes": queues} if queues else {}


def _hidden(job_type: JobType[Any, Any]) -> dict[str, dict[str, Any]]:
    """What nobody is shown of its payloads and results, where there is something."""
    hidden = hidden_in(job_type.payload, job_type.result, job_type.version).published()
    return {"hidden": hidden} if hidden else {}


def stack_name(stage: str, job_type: str) -> str:
    """A name for CloudFormation, which allows letters, digits and '-' only."""
    return f"workerless-{stage}-job-{job_type.replace('.', '--').replace('_', '-')}"
