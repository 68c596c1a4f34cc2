"""What all job types of a stage share: records, files, alarms, the functions that serve a stage."""

from aws_cdk import App, Stack, Tags
from aws_cdk.aws_ssm import StringParameter

from infra.alarms import system_rows
from infra.alarms.paused_lanes import count_paused_lanes
from infra.alarms.system_alarms import SystemAlarms, of_function, of_queue
from infra.alarms.tick_alarms import TickAlarms
from infra.artifact import Artifact
from infra.constructs.alarm_topic import AlarmTopic
from infra.constructs.failed_jobs_topic import FailedJobsTopic
from infra.constructs.job_bucket import JobBucket
from infra.constructs.job_table import JobTable
from infra.constructs.operator import Operator
from infra.constructs.orchestrator import Orchestrator
from infra.constructs.publisher import Publisher
from infra.constructs.releases import Releases
from infra.constructs.runtime import library
from infra.constructs.sweeper import Sweeper
from infra.constructs.ticks import Ticks
from infra.settings import Stage
from infra.tagging import stage_tags
from workerless import naming


class CoreStack(Stack):
    """Others find its parts by name (``workerless.naming``): an export would lock both sides."""

    def __init__(
        self,
        scope: App,
        *,
        stage: Stage,
        layer: Artifact,
        sweeper: Artifact,
        operator: Artifact,
        ticker: Artifact,
        publisher: Artifact | None,
        watches_files: bool,
        orchestrator: Artifact,
    ) -> None:
        """``watches_files`` where a job type hears of the objects of the stage's bucket."""
        name = f"workerless-{stage.name}-core"
        super().__init__(
            scope,
            name,
            stack_name=name,
            description=f"Workerless, stage {stage.name}: what all job types share",
            env=stage.environment,
            termination_protection=stage.keeps_data,
        )
        self.releases = Releases(self, "Releases", stage=stage) if stage.is_judged else None
        self.records = JobTable(self, "Records", stage=stage)
        self.files = JobBucket(self, "Files", stage=stage, is_watched=watches_files)
        self.alarms = AlarmTopic(self, "Alarms", stage=stage)
        shared = library(self, "Library", stage=stage, code=layer)
        self.sweeper = Sweeper(self, "Sweeper", stage=stage, layer=shared, code=sweeper)
        self.failed_jobs: FailedJobsTopic | None = None
        if stage.failed_jobs:
            self.failed_jobs = FailedJobsTopic(
                self,
                "FailedJobs",
                stage=stage,
                told=stage.failed_jobs,
                sweeper=self.sweeper,
            )
        self.operator = Operator(self, "Operator", stage=stage, layer=shared, code=operator)
        self.ticks = Ticks(self, "Ticks", stage=stage, layer=shared, code=ticker)
        count_paused_lanes(self, self.sweeper.log_group)
        TickAlarms(
            self,
            "TickAlarms",
            stage=stage,
            queues=self.ticks.queues,
            logs={"Swept": self.sweeper.log_group, "Taken": self.ticks.log_group},
        )
        self.publisher: Publisher | None = None
        if stage.lifecycle and publisher:
            self.publisher = Publisher(
                self,
                "Publisher",
                stage=stage,
                told=stage.lifecycle,
                table=self.records.table,
                layer=shared,
                code=publisher,
            )
        self.orchestrator = Orchestrator(
            self, "Orchestrator", stage=stage, layer=shared, code=orchestrator
        )
        self._watch(stage)
        StringParameter(
            self,
            "Parameter",
            parameter_name=naming.core_parameter(stage.name),
            description="Where clients of this stage find what all job types share",
            string_value=self.to_json_string(
                {
                    "table": self.records.table.table_name,
                    "bucket": self.files.bucket.bucket_name,
                    "topic": self.alarms.topic.topic_arn,
                    "ticks": self.ticks.dynamic.target,
                    "workflows": self.orchestrator.queues.queue.queue_url,
                }
            ),
        )
        for key, value in stage_tags(stage).items():
            Tags.of(self).add(key, value)

    def _watch(self, stage: Stage) -> None:
        orders = self.orchestrator.queues
        SystemAlarms(
            self,
            "OrderAlarms",
            stage=stage,
            prefix=naming.workflows_queue(stage.name),
            title="Workflows",
            rows=system_rows.queue(
                "orders",
                "letters",
                waits="orders of batches and workflows wait",
                dead="orders of batches and workflows could not be obeyed, and wait dead",
            ),
            places={"orders": of_queue(orders.queue), "letters": of_queue(orders.dead_letters)},
        )
        SystemAlarms(
            self,
            "SweeperAlarms",
            stage=stage,
            prefix=f"{naming.table(stage.name)}-",
            title="Sweeper",
            rows=[system_rows.sweeper_stopped("sweeper", "ticks")],
            places={
                "sweeper": of_function(self.sweeper.function),
                "ticks": of_queue(self.ticks.queues.queue),
            },
        )
