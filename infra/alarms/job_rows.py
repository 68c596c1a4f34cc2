"""Rows of a job type, by what its jobs tell of themselves."""

from dataclasses import replace

from infra.alarms.paused_lanes import LANE_PAUSED
from infra.alarms.row import AlarmProfile, Measure, Row, Severity
from workerless import metric

# A ratio of fewer jobs is chance.
_SAMPLES = 10
_QUARTER_MINUTES, _QUARTERS = 15, 96
# Jobs this quick are slow or quick by chance, and nobody waits for them.
_LEAST_MS = 100
_MEMORY_PERCENT = 80


def failure_rates(place: str) -> list[Row]:
    """True ratios of ends, which a retry is not: critical over 5 minutes, for 5 minutes.

    Two windows of five minutes, not five of one: in a minute few job types end ten jobs. The
    warning looks at a quarter of an hour, for those that end fewer.
    """
    failed = Measure(place=place, name=metric.JOBS_FAILED, statistic="Sum")
    # Each job that ends counts its attempts once: also where all fail, and none completes.
    ended = Measure(place=place, name=metric.JOB_ATTEMPTS, statistic="SampleCount")
    ratio = f"IF(ended > {_SAMPLES}, 100 * FILL(failed, 0) / ended, 0)"
    return [
        Row(
            name="failure-rate-critical",
            meaning="more than 10 % of its jobs fail for good, for five minutes",
            severity=Severity.CRITICAL,
            profile=AlarmProfile.BASIC,
            measures={"failed": failed, "ended": ended},
            expression=ratio,
            threshold=10,
            minutes=5,
            datapoints=2,
            periods=2,
        ),
        Row(
            name="failure-rate-warning",
            meaning="more than 5 % of its jobs failed for good in a quarter of an hour",
            severity=Severity.WARNING,
            profile=AlarmProfile.FULL,
            measures={"failed": failed, "ended": ended},
            expression=ratio,
            threshold=5,
            minutes=15,
            datapoints=1,
            periods=1,
        ),
    ]


def duration_doubled(place: str) -> Row:
    """The last two quarters of an hour against the rest of a day, both by their jobs.

    Metric math cannot look back beyond what an alarm retrieves, so that it retrieves a day, and
    judges two points of it: the others are 0.
    """
    recent = f"EPOCH(runs) >= MAX(EPOCH(runs)) - {_QUARTER_MINUTES * 60}"
    before = f"SUM(IF({recent}, 0, FILL(runs, 0)))"
    usual = f"SUM(IF({recent}, 0, FILL(spent, 0))) / {before}"
    enough = f"runs > {_SAMPLES} AND spent > runs * {_LEAST_MS} AND {before} > {_SAMPLES}"
    return Row(
        name="duration-doubled",
        meaning="attempts have taken twice as long as in the last day, for half an hour",
        severity=Severity.WARNING,
        profile=AlarmProfile.FULL,
        measures={
            "spent": Measure(place=place, name=metric.JOB_DURATION, statistic="Sum"),
            "runs": Measure(place=place, name=metric.JOB_DURATION, statistic="SampleCount"),
        },
        expression=f"IF({recent} AND {enough}, spent / runs / ({usual}), 0)",
        threshold=2,
        is_reached=True,
        minutes=_QUARTER_MINUTES,
        datapoints=2,
        periods=_QUARTERS,
    )


def memory(place: str) -> Row:
    """The greatest that any process held: one job near the limit is enough."""
    return Row(
        name="worker-memory",
        meaning=f"a worker held more than {_MEMORY_PERCENT} % of its function's memory",
        severity=Severity.WARNING,
        profile=AlarmProfile.FULL,
        measures={"used": Measure(place=place, name=metric.MEMORY_USED, statistic="Maximum")},
        threshold=_MEMORY_PERCENT,
        datapoints=1,
        periods=15,
    )


def missed_schedule(place: str) -> Row:
    """Told by who finds it: the ticker, or the sweeper."""
    return Row(
        name="schedule-missed",
        meaning="a schedule was due and no tick came within its tolerance",
        severity=Severity.CRITICAL,
        profile=AlarmProfile.BASIC,
        measures={"missed": Measure(place=place, name=metric.SCHEDULES_MISSED, statistic="Sum")},
        datapoints=1,
        periods=15,
    )


def paused(place: str) -> Row:
    """For others to ask: what stands still because somebody meant it wakes nobody.

    Some minutes longer than the pause, until mapping and jobs move again.
    """
    return Row(
        name="paused",
        meaning="somebody paused it",
        severity=Severity.INFO,
        profile=AlarmProfile.FULL,
        measures={"paused": Measure(place=place, name=metric.QUEUE_PAUSED, statistic="Sum")},
        datapoints=1,
        periods=10,
        tells=False,
    )


def paused_lane(place: str, lane: str) -> Row:
    """The same for one lane: the others do not stand still because of it."""
    return replace(
        paused(place),
        meaning=f"somebody paused lane {lane}",
        measures={"paused": Measure(place=place, name=LANE_PAUSED, statistic="Sum")},
        tail=f"-{lane}",
    )
