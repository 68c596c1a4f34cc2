"""Ten thousand ticks in forty zones: exactly the jobs that each schedule's policy names.

Ticks come late, twice or not at all, processes die at every write, and nobody works for hours.
"""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from types import ModuleType

import pytest

from tests.simulation.tick_oracle import ZONES, daily
from tests.simulation.tick_world import HOUR, MINUTE, Weather, World
from tests.unit.schedule.at_nine import a_plan
from workerless.execution import ticking
from workerless.execution.ticking import Ticking
from workerless.schedule import tick
from workerless.schedule.plan import Plan
from workerless.schedule.schedule import Missed, Overlap
from workerless.schedule.stand import Outcome, Stand
from workerless.schedule.tick import done
from workerless.schedule.when import Cron
from workerless.scheduled import Scheduled

FIRST, DAYS = date(2026, 1, 3), 320
DAY = timedelta(days=1)
BEGIN = datetime(2026, 1, 2, tzinfo=UTC)
UNTIL = datetime(2026, 10, 29, tzinfo=UTC)
SPRING = datetime(2026, 4, 20, tzinfo=UTC)
OUTAGES = (
    (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 9, tzinfo=UTC)),
    (datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 3, 7, 30, tzinfo=UTC)),
)
FAIR = Weather(twice=0.2, rivals=0.2)
FOUL = Weather(lost=0.05, late=0.05, twice=0.2, death=0.03, rivals=0.1, outages=OUTAGES)
CLOCKS = [time(2, 30), time(0, 0), time(1, 15), time(9, 0), time(23, 59)]


def plans(**options: object) -> list[Plan]:
    """One in each zone, daily, many at an hour that clock changes leave out or repeat."""
    return [
        a_plan(
            schedule_id=f"report-z{number}",
            when=Cron(f"{at.minute} {at.hour} * * *", timezone=zone),
            **options,
        )
        for number, zone in enumerate(ZONES)
        for at in [CLOCKS[number % len(CLOCKS)]]
    ]


def due(plan: Plan, until: datetime = UNTIL) -> list[datetime]:
    number = int(plan.schedule_id.rpartition("z")[2])
    ticks = daily(ZONES[number], CLOCKS[number % len(CLOCKS)], FIRST - timedelta(days=2), DAYS)
    return [tick for tick in ticks if BEGIN < tick <= until]


def run(
    weather: Weather,
    seed: int,
    *,
    each: int = 4,
    until: datetime = UNTIL,
    lasts: timedelta = 10 * MINUTE,
    **options: object,
) -> World:
    """The schedules of every ``each``th zone, played."""
    world = World(plans(**options)[::each], BEGIN, weather, seed, lambda job_id: lasts)
    world.run(until)
    assert bool(world.deaths) == bool(weather.death)
    return world


def test_in_fair_weather_each_tick_has_one_job() -> None:
    world = run(FAIR, seed=1, each=8)

    ran = world.ranges(UNTIL)
    for plan in world.plans:
        assert [one.time for one in ran[plan.schedule_id]] == due(plan), plan.when
        assert world.told(plan, Outcome.MISSED, UNTIL) == 0


def test_in_foul_weather_each_tick_has_one_job_where_all_are_wanted() -> None:
    world = run(FOUL, seed=2, each=1, missed=Missed.ALL, overlap=Overlap.ALLOW, window=3 * DAY)

    ran = world.ranges(UNTIL)
    assert sum(len(some) for some in ran.values()) > 10_000
    for plan in world.plans:
        assert [one.time for one in ran[plan.schedule_id]] == due(plan), plan.when
        assert world.told(plan, Outcome.MISSED, UNTIL) > 0


@pytest.mark.parametrize("overlap", [Overlap.SKIP, Overlap.QUEUE_ONE])
def test_in_foul_weather_runs_cover_each_tick_once_and_never_overlap(overlap: Overlap) -> None:
    world = run(FOUL, seed=3, each=20, until=SPRING, lasts=30 * HOUR, overlap=overlap)

    ran = world.ranges(SPRING)
    for plan in world.plans:
        some = ran[plan.schedule_id]
        assert {one.time for one in some} <= set(due(plan))
        assert all(later.after == one.time for one, later in pairwise(some))
        lives = [world.jobs.lives[plan.job_id(one.time)] for one in some]
        assert all(end <= begin for (_, end), (begin, _) in pairwise(lives))
        if overlap is Overlap.QUEUE_ONE:  # the last one may still wait
            assert some[-1].time >= due(plan, SPRING)[-2]


def test_in_foul_weather_a_tick_runs_or_is_told_missed_where_none_are_made_up_for() -> None:
    world = run(FOUL, seed=4, each=10, missed=Missed.NONE, overlap=Overlap.ALLOW)

    ran = world.ranges(UNTIL)
    for plan in world.plans:
        some = ran[plan.schedule_id]
        assert len({one.time for one in some}) == len(some)
        assert len(some) + world.told(plan, Outcome.MISSED, UNTIL) >= len(due(plan))
        in_time = [one for one in some if world.jobs.lives[plan.job_id(one.time)][0] > one.time]
        assert all(
            world.jobs.lives[plan.job_id(one.time)][0] - one.time <= 7 * MINUTE for one in in_time
        )


def test_in_foul_weather_a_later_tick_calls_off_what_still_runs() -> None:
    world = run(FOUL, seed=5, until=SPRING, lasts=30 * HOUR, overlap=Overlap.CANCEL_OLD)

    ran = world.ranges(SPRING)
    for plan in world.plans:
        lives = [world.jobs.lives[plan.job_id(one.time)] for one in ran[plan.schedule_id]]
        # A process that dies between the new job and the old one's end leaves both for a minute.
        assert all(end <= begin + 5 * MINUTE for (_, end), (begin, _) in pairwise(lives))


def hasty(plan: Plan, stand: Stand, world: Ticking) -> Stand:
    """Who notes that all is done, and then does it."""
    jobs = {run.job_id or "" for run in stand.undone}
    world.stands.save(done(plan, stand, jobs, now=world.clock.now()))
    return ticking.carry_out(plan, stand, world)


def credulous(plan: Plan, stand: Stand, now: datetime, tick: datetime | None) -> list[datetime]:
    """Who decides the tick that came, and forgets those that did not."""
    after = stand.decided_until or now
    return [] if tick is None or tick <= after else [tick]


@pytest.mark.parametrize(
    ("module", "name", "mutant"),
    [(ticking, "carry_out", hasty), (tick, "due_by", credulous)],
    ids=["hasty", "credulous"],
)
def test_mutant_is_caught(
    module: ModuleType, name: str, mutant: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, mutant)
    world = run(
        FOUL, 7, each=8, until=SPRING, missed=Missed.ALL, overlap=Overlap.ALLOW, window=3 * DAY
    )

    ran = world.ranges(SPRING)
    right = [plan for plan in world.plans if times(ran, plan) == due(plan, SPRING)]
    assert len(right) < len(world.plans)


def times(ran: dict[str, list[Scheduled]], plan: Plan) -> list[datetime]:
    return [one.time for one in ran.get(plan.schedule_id, ())]
