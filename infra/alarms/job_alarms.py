"""The alarms of a job type: what fails, stands still or died, and one page for all of it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from aws_cdk import CfnResource, Stack
from aws_cdk.aws_cloudwatch import Alarm, CfnCompositeAlarm, IAlarm
from aws_cdk.aws_lambda import IEventSourceMapping, IFunction
from constructs import Construct

from infra.alarms import function_rows, job_rows, queue_rows
from infra.alarms.alarm import Watched, add_alarm, only_on_aws, stage_topic
from infra.alarms.paused_lanes import paused_lane_place
from infra.alarms.row import RUNBOOK, AlarmProfile, Place, Row
from infra.alarms.system_alarms import of_function, of_queue
from infra.constructs.job_queue import JobQueue
from infra.lane import Lane
from infra.settings import Stage
from workerless import limits, metric, naming
from workerless.errors import DeclarationError
from workerless.job_type import JobType

# Places of a job type; those of its lanes are ``queue_place``, ``pause_place``, ``mapping_place``.
LETTERS, FUNCTION, JOBS = "letters", "function", "jobs"
_MINUTE = timedelta(minutes=1)
_LONGEST_GAP = timedelta(hours=12)
PAGE = "critical"
# A description has 1,024 characters, and says also what is the matter, and whose it is.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
MOST_OF_RUNBOOK = 300


class JobAlarms(Construct):
    """``stale_after`` is the age of a message at which somebody hears of it.

    With the full profile what is critical tells nobody by itself: one composite alarm does, once,
    and not of what stands still while it, or its lane, is paused. ``shown`` is what there is to
    look at, ``first`` what to look at first: the one page, or all of them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        job_type: JobType[Any, Any],
        stage: Stage,
        queues: JobQueue,
        function: IFunction | None,
        mappings: Mapping[Lane, IEventSourceMapping],
        stale_after: timedelta,
    ) -> None:
        """Without ``function`` it is a pool's, which has alarms of its own."""
        super().__init__(scope, construct_id)
        self._job_type, self._stage, self._lanes = job_type, stage, list(queues.by_lane)
        self.stale_after = stale_after
        self._is_own = function is not None
        self.watched = watched_of(
            job_type, stage, _places(job_type, stage, queues, function, mappings)
        )
        self._topic = stage_topic(self, stage)
        pages = stage.alarms is AlarmProfile.FULL
        rows = list(self._rows())
        made: dict[str, tuple[Row, Alarm]] = {}
        for row in rows:
            told = None if pages and stage.knows_metric_math and row.is_critical else self._topic
            alarm = add_alarm(self, row, watched=self.watched, stage=stage, tells=told)
            if alarm is not None:
                made[row.full_name] = (row, alarm)
        if pages:
            self._page(made)
        self.shown = [self._by_name(name) for name in (*([PAGE] if pages else []), *made)]
        self.first = self.shown[:1] if pages else self.shown

    def _rows(self) -> Iterator[Row]:
        yield queue_rows.dead_letters(
            LETTERS, "jobs failed for good and wait in the dead-letter queue"
        )
        for lane in self._lanes:
            yield from self._rows_of_lane(lane)
        yield from job_rows.failure_rates(JOBS)
        yield queue_rows.many_letters(LETTERS)
        yield queue_rows.growing_letters(LETTERS)
        yield job_rows.duration_doubled(JOBS)
        yield job_rows.memory(JOBS)
        if self._is_own:
            yield function_rows.crashes(FUNCTION)
            yield function_rows.throttles(FUNCTION)
        if self._job_type.schedules:
            yield job_rows.missed_schedule(JOBS)
        yield job_rows.paused(JOBS)
        for lane in self._lanes:
            if lane.name:
                yield job_rows.paused_lane(pause_place(lane), lane.name)

    def _rows_of_lane(self, lane: Lane) -> Iterator[Row]:
        queue, where = queue_place(lane), f" in lane {lane.name}" if lane.name else ""
        yield queue_rows.oldest_age(
            queue,
            self.stale_after,
            meaning=f"the oldest job{where} waits for more than {self.stale_after}",
            tail=lane.tail,
        )
        yield queue_rows.nothing_processed(queue, _patience(self._job_type), tail=lane.tail)
        yield from queue_rows.depths(queue, tail=lane.tail)
        if not self._stage.runs_in_containers(self._job_type.name):
            yield queue_rows.mapping_stopped(mapping_place(lane), queue, tail=lane.tail)

    def _page(self, made: Mapping[str, tuple[Row, Alarm]]) -> None:
        """By names: an alarm that only AWS knows has no ARN anywhere else."""
        states = {
            full: (row, f'ALARM("{self.watched.prefix}-{full}")') for full, (row, _) in made.items()
        }
        critical = [(row, told) for row, told in states.values() if row.is_critical]
        others = [told for row, told in critical if not row.stands_still]
        still = [
            _unless(
                [told for row, told in critical if row.stands_still and row.tail == lane.tail],
                states[f"paused-{lane.name}"][1] if lane.name else "",
            )
            for lane in self._lanes
        ]
        paused = states["paused"][1]
        page = CfnCompositeAlarm(
            self,
            "Critical",
            alarm_name=f"{self.watched.prefix}-{PAGE}",
            alarm_description=f"{self.watched.title}: something critical is the matter; it says "
            f"which alarm. Severity: critical. Owner: {self.watched.owner}. "
            f"Runbook: {RUNBOOK}#{PAGE}.",
            alarm_rule=f"{' OR '.join(others)} OR (({' OR '.join(still)}) AND NOT {paused})",
            alarm_actions=[self._topic.topic_arn],
        )
        for _, alarm in made.values():
            if isinstance(child := alarm.node.default_child, CfnResource):
                page.add_resource_dependency(child)
        only_on_aws(page, self._stage)

    def _by_name(self, full_name: str) -> IAlarm:
        stack = Stack.of(self)
        arn = f"arn:{stack.partition}:cloudwatch:{stack.region}:{stack.account}:alarm:"
        return Alarm.from_alarm_arn(
            self, f"Shown-{full_name}", f"{arn}{self.watched.prefix}-{full_name}"
        )


def _unless(alarms: list[str], paused: str) -> str:
    """One of the alarms of a lane, while nobody has paused that lane."""
    one = " OR ".join(alarms)
    return f"(({one}) AND NOT {paused})" if paused else one


def watched_of(job_type: JobType[Any, Any], stage: Stage, places: Mapping[str, Place]) -> Watched:
    """What the alarms of a job type say of it.

    Raises ``DeclarationError`` where a description would not hold it.
    """
    if len(job_type.runbook) > MOST_OF_RUNBOOK:
        raise DeclarationError(
            f"{job_type.name}: runbook must be at most {MOST_OF_RUNBOOK} characters (alarms say "
            f"it), got {len(job_type.runbook)}"
        )
    return Watched(
        prefix=naming.resource(stage.name, job_type.name),
        title=job_type.name,
        owner=job_type.owner or "nobody yet",
        places=places,
        more=job_type.runbook or "",
    )


def stale_after(visibility: timedelta) -> timedelta:
    """The age that two attempts do not explain: after the third the metric leaves a message out.

    One may crash, or both may ask to be run later: for up to 15 minutes the message waits hidden,
    and a job that waits for longer has none.
    """
    return max(visibility, limits.MAX_DELAY) + limits.MAX_DELAY


def _patience(job_type: JobType[Any, Any]) -> timedelta:
    """For how long a job type that is well may end no job while others wait."""
    gaps = [limit.per / limit.limit for limit in job_type.rate_limits]
    gap = min(max(gaps, default=timedelta(0)), _LONGEST_GAP)
    return job_type.function_timeout + gap + _MINUTE


def _places(
    job_type: JobType[Any, Any],
    stage: Stage,
    queues: JobQueue,
    function: IFunction | None,
    mappings: Mapping[Lane, IEventSourceMapping],
) -> dict[str, Place]:
    places = {
        LETTERS: of_queue(queues.dead_letters),
        JOBS: Place(
            namespace=metric.NAMESPACE,
            dimensions={
                metric.SERVICE: f"workerless-{stage.name}",
                metric.JOB_TYPE: job_type.name,
            },
        ),
    }
    places |= {queue_place(lane): of_queue(one) for lane, one in queues.by_lane.items()}
    places |= {
        pause_place(lane): paused_lane_place(stage.name, job_type.name, lane.name)
        for lane in queues.by_lane
        if lane.name
    }
    places |= {
        mapping_place(lane): Place(
            namespace="AWS/Lambda",
            dimensions={"EventSourceMappingUUID": one.event_source_mapping_id},
        )
        for lane, one in mappings.items()
    }
    if function is not None:
        places[FUNCTION] = of_function(function)
    return places


def queue_place(lane: Lane) -> str:
    """The place of a lane's queue."""
    return f"queue{lane.tail}"


def pause_place(lane: Lane) -> str:
    """The place of the sweeper's word that a lane is paused."""
    return f"pause-{lane.name}"


def mapping_place(lane: Lane) -> str:
    """The place of what reads a lane's queue."""
    return f"mapping{lane.tail}"
