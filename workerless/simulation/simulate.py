"""A declaration and a load in, a report out."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from workerless.job_type import JobType
from workerless.simulation.course import Course
from workerless.simulation.load import MICROSECOND, Load
from workerless.simulation.report import Ceiling, HeldBy, Report, waits

_SECOND = timedelta(seconds=1)


def simulate(job_type: JobType[Any, Any], load: Load, *, seed: int = 0) -> Report:
    """What ``load`` comes to under the declaration; the same each time for one ``seed``.

    Raises ``WorkerlessError`` for a load with lanes that the job type has not.
    """
    course = Course(job_type, load, Random(seed))
    course.run()
    started = course.started
    return Report(
        jobs=len(started) + course.dropped,
        lasted=max((one.started for one in started), default=0) * MICROSECOND,
        waits=waits(started),
        lanes={
            lane.name: waits([one for one in started if one.lane == lane.name])
            for lane in course.lanes
        },
        held={by.value: sum(one.held_by is by for one in started) for by in HeldBy},
        ceilings=tuple(_ceilings(course, load)),
        moments=tuple(course.moments),
        dropped=course.dropped,
        parked=course.parked,
    )


def _ceilings(course: Course, load: Load) -> Iterator[Ceiling]:
    seconds = (load.takes + load.look) / _SECOND
    for lane in course.lanes:
        yield Ceiling(
            name=f"lane {lane.name}",
            per_second=lane.capacity / seconds,
            peak=lane.most_busy,
            allowed=lane.capacity,
            unit="at once",
        )
    if (turns := course.turns) is not None:
        yield Ceiling(
            name="concurrency key",
            per_second=turns.limit * (load.keys if turns.is_keyed else 1) / seconds,
            peak=turns.most,
            allowed=turns.limit,
            unit="of a key at once" if turns.is_keyed else "at once",
        )
    for limiter in course.limiters:
        keys = load.keys if limiter.is_keyed else 1
        yield Ceiling(
            name=f"rate limit {limiter.name}",
            per_second=keys * _SECOND / (limiter.pace.interval_us * MICROSECOND),
            peak=limiter.most(limiter.per),
            allowed=limiter.pace.limit,
            unit=f"in any {limiter.per.total_seconds():g} s",
        )
