"""Who is told when schedules do not do what they say: ticks in vain, late, or never there."""

from aws_cdk import Duration, Stack
from aws_cdk.aws_cloudwatch import IMetric, Stats
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_logs import FilterPattern, LogGroup, MetricFilter
from aws_cdk.aws_sns import Topic
from constructs import Construct

from infra.constructs.system_alarm import system_alarm
from infra.constructs.system_queue import SystemQueue
from infra.settings import Stage
from workerless import naming

_MINUTE = Duration.minutes(1)
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
        logs: dict[str, LogGroup],
    ) -> None:
        """``logs`` are those in which missed ticks are told of, each with a name of its own."""
        super().__init__(scope, construct_id)
        self._prefix = naming.ticks_queue(stage.name)
        topic = Stack.of(self).format_arn(service="sns", resource=naming.alarm_topic(stage.name))
        self._action = SnsAction(Topic.from_topic_arn(self, "Topic", topic))
        self._alarm(
            "DeadLetters",
            "dead-letters",
            queues.dead_letters.metric_approximate_number_of_messages_visible(
                period=_MINUTE, statistic=Stats.MAXIMUM
            ),
            threshold=0,
            meaning="ticks could not be sent or made jobs, and wait in the dead-letter queue",
        )
        self._alarm(
            "OldestAge",
            "oldest-age",
            queues.queue.metric_approximate_age_of_oldest_message(
                period=_MINUTE, statistic=Stats.MAXIMUM
            ),
            threshold=Duration.minutes(15).to_seconds(),
            meaning="ticks wait for more than 15 minutes to be made jobs",
        )
        for name, log in logs.items():
            self._alarm(
                f"Missed{name}",
                f"missed-{name.lower()}",
                self._missed(name, log),
                threshold=0,
                meaning="a schedule was due and no tick came within its tolerance",
            )

    def _missed(self, name: str, log: LogGroup) -> IMetric:
        found = MetricFilter(
            self,
            f"Told{name}",
            log_group=log,
            filter_pattern=FilterPattern.string_value("$.message", "=", _MISSED),
            metric_namespace="Workerless",
            metric_name=f"{self._prefix}-missed-{name.lower()}",
        )
        return found.metric(period=_MINUTE, statistic=Stats.SUM)

    def _alarm(
        self, construct_id: str, name: str, metric: IMetric, *, threshold: float, meaning: str
    ) -> None:
        system_alarm(
            self,
            construct_id,
            name=f"{self._prefix}-{name}",
            metric=metric,
            threshold=threshold,
            meaning=f"Schedules: {meaning}",
            runbook="docs/schedules.md#when-it-fails",
            action=self._action,
        )
