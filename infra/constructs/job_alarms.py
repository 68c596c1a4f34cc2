"""The alarms of a job type: something died, or nothing moves."""

from datetime import timedelta
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_cloudwatch import Alarm, ComparisonOperator, IMetric, Stats, TreatMissingData
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_sns import Topic
from aws_cdk.aws_sqs import Queue
from constructs import Construct

from infra.constructs.job_queue import JobQueue
from infra.lane import Lane
from infra.settings import Stage
from workerless import naming
from workerless.job_type import JobType

_MINUTE = Duration.minutes(1)


class JobAlarms(Construct):
    """All speak to the stage's topic and say whose they are and what to do."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        job_type: JobType[Any, Any],
        stage: Stage,
        queues: JobQueue,
        stale_after: timedelta,
    ) -> None:
        super().__init__(scope, construct_id)
        self._job_type = job_type
        self.stale_after = stale_after
        self._name = naming.resource(stage.name, job_type.name)
        topic = Stack.of(self).format_arn(service="sns", resource=naming.alarm_topic(stage.name))
        self._action = SnsAction(Topic.from_topic_arn(self, "Topic", topic))
        self.dead_letters = self._alarm(
            "DeadLetters",
            "dead-letters",
            # Visible, not sent: what SQS itself moves here counts as sent nowhere.
            queues.dead_letters.metric_approximate_number_of_messages_visible(
                period=_MINUTE, statistic=Stats.MAXIMUM
            ),
            threshold=0,
            minutes=1,
            # The sweeper hides letters for ten minutes at most: that must not put the alarm out.
            within=15,
            meaning="jobs failed for good and wait in the dead-letter queue",
        )
        self.oldest_ages = [self._oldest_age(lane, queue) for lane, queue in queues.by_lane.items()]

    def _oldest_age(self, lane: Lane, queue: Queue) -> Alarm:
        where = f" in lane {lane.name}" if lane.name else ""
        return self._alarm(
            f"OldestAge{lane.suffix}",
            f"oldest-age{lane.tail}",
            queue.metric_approximate_age_of_oldest_message(period=_MINUTE, statistic=Stats.MAXIMUM),
            threshold=self.stale_after.total_seconds(),
            minutes=5,
            within=5,
            meaning=f"the oldest job{where} waits for more than {self.stale_after}",
        )

    def _alarm(
        self,
        construct_id: str,
        name: str,
        metric: IMetric,
        *,
        threshold: float,
        minutes: int,
        within: int,
        meaning: str,
    ) -> Alarm:
        """Rings once ``minutes`` of the last ``within`` are over the threshold."""
        alarm = Alarm(
            self,
            construct_id,
            alarm_name=f"{self._name}-{name}",
            alarm_description=_description(self._job_type, meaning),
            metric=metric,
            threshold=threshold,
            comparison_operator=ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=within,
            datapoints_to_alarm=minutes,
            # An idle queue reports nothing.
            treat_missing_data=TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(self._action)
        return alarm


def stale_after(job_type: JobType[Any, Any], visibility: timedelta) -> timedelta:
    """The age that one crashed attempt and the longest wait for the next do not explain."""
    waits = (job_type.retry, *job_type.by_error.values())
    return visibility + max(wait.cap for wait in waits)


def _description(job_type: JobType[Any, Any], meaning: str) -> str:
    return (
        f"{job_type.name}: {meaning}. Owner: {job_type.owner or 'nobody yet'}. "
        f"Runbook: {job_type.runbook or 'none yet'}."
    )
