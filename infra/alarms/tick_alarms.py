"""Who is told when schedules do not do what they say: ticks in vain, late, or never there."""

from collections.abc import Mapping

from aws_cdk.aws_logs import FilterPattern, LogGroup, MetricFilter
from constructs import Construct

from infra.alarms import system_rows
from infra.alarms.row import Place
from infra.alarms.system_alarms import SystemAlarms, of_queue
from infra.constructs.system_queue import SystemQueue
from infra.settings import Stage
from workerless import metric, naming
from workerless.schedule.plan import DYNAMIC

# What sweeper and ticker say of ticks that did not come in time (``execution.ticking``).
_MISSED = "schedule.missed"


class TickAlarms(Construct):
    """All speak to the stage's topic."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        queues: SystemQueue,
        logs: Mapping[str, LogGroup],
    ) -> None:
        """``logs`` are the sweeper's and the ticker's, each with a name of its own."""
        super().__init__(scope, construct_id)
        prefix = naming.ticks_queue(stage.name)
        missed = f"{prefix}-missed"
        for name, log in logs.items():
            # Whichever job type they are of, though it may declare none and have no alarm of it.
            MetricFilter(
                self,
                f"Told{name}",
                log_group=log,
                filter_pattern=FilterPattern.all(
                    FilterPattern.string_value("$.message", "=", _MISSED),
                    FilterPattern.string_value("$.schedule_id", "=", f"*{DYNAMIC}*"),
                ),
                metric_namespace=metric.NAMESPACE,
                metric_name=missed,
            )
        SystemAlarms(
            self,
            "Alarms",
            stage=stage,
            prefix=prefix,
            title="Schedules",
            rows=[
                *system_rows.queue(
                    "ticks",
                    "letters",
                    waits="ticks wait to be made jobs",
                    dead="ticks could not be sent or made jobs, and wait in the dead-letter queue",
                ),
                system_rows.missed_dynamic_schedule("logs", missed),
            ],
            places={
                "ticks": of_queue(queues.queue),
                "letters": of_queue(queues.dead_letters),
                "logs": Place(namespace=metric.NAMESPACE, dimensions={}),
            },
        )
