"""Telling people of failed jobs: each once, in one message a minute, and nothing of long ago."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

import pytest

from workerless.alert_ports import Alerting
from workerless.errors import StoreUnavailableError
from workerless.execution.failure_alert import LAG, MOST_COUNTED, tell_failures
from workerless.search import Hits, Search
from workerless.states import State
from workerless.testing.alerts import InMemoryMark, RecordingTopic
from workerless.testing.clock import FakeClock
from workerless.testing.directory import InMemoryDirectory
from workerless.testing.sample import a_record
from workerless.testing.store import InMemoryStore
from workerless.testing.telemetry import RecordingTelemetry

MINUTE = timedelta(minutes=1)


@dataclass
class Stage:
    """A stage whose jobs fail, and that is swept each minute."""

    clock: FakeClock = field(default_factory=FakeClock)
    topic: RecordingTopic = field(default_factory=RecordingTopic)
    mark: InMemoryMark = field(default_factory=InMemoryMark)
    telemetry: RecordingTelemetry = field(default_factory=RecordingTelemetry)
    job_types: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.store = InMemoryStore(self.clock)
        self.is_silent = False

    def search(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits:
        if self.is_silent:
            raise StoreUnavailableError("down")
        return self.store.search(search, limit=limit, cursor=cursor)

    def fails(
        self, *job_ids: str, job_type: str = "send_email", state: State = State.FAILED
    ) -> None:
        now = self.clock.now()
        self.store.put_many(
            [a_record(one, job_type=job_type, state=state, updated_at=now) for one in job_ids]
        )

    def sweep(self, *, time_left: timedelta = MINUTE) -> int:
        world = Alerting(
            rows=self,
            mark=self.mark,
            topic=self.topic,
            directory=InMemoryDirectory(["send_email", "import"]),
            clock=self.clock,
            telemetry=self.telemetry,
            stage="test",
            job_types=self.job_types,
        )
        told = tell_failures(world, until=self.clock.now() + time_left)
        self.clock.advance(MINUTE)
        return told

    @property
    def told(self) -> list[list[str]]:
        return [[one for group in it.groups for one in group.first] for it in self.topic.told]


@pytest.fixture
def stage() -> Stage:
    """Swept once before anything failed."""
    stage = Stage()
    stage.sweep()
    return stage


def test_what_failed_before_it_was_switched_on_is_not_told() -> None:
    stage = Stage()
    stage.fails("old")
    stage.clock.advance(MINUTE)

    assert [stage.sweep() for _ in range(3)] == [0, 0, 0]


def test_all_that_failed_in_a_minute_is_one_message(stage: Stage) -> None:
    stage.fails("a", "b")
    stage.fails("c", job_type="import")
    stage.fails("d", job_type="import", state=State.HELD)
    stage.clock.advance(MINUTE)

    told = [stage.sweep() for _ in range(3)]

    assert told == [4, 0, 0]
    (alert,) = stage.topic.told
    assert alert.job_types == ("import", "send_email")
    assert stage.telemetry.transitions[-1]["event"] == "alert.sent"


def test_each_job_is_told_once_however_the_minutes_fall(stage: Stage) -> None:
    for number in range(40):
        stage.fails(f"job-{number}")
        stage.clock.advance(timedelta(seconds=7))
        if number % 5 == 0:
            stage.sweep()
    stage.clock.advance(LAG)
    stage.sweep()

    counted = [alert.number for alert in stage.topic.told]
    spans = [(alert.since, alert.until) for alert in stage.topic.told]
    assert sum(counted) == 40
    assert all(until <= since for (_, until), (since, _) in pairwise(spans))


def test_what_ended_just_now_waits_for_the_index(stage: Stage) -> None:
    stage.fails("late")

    first, second = stage.sweep(), stage.sweep()

    assert (first, second) == (0, 1)


def test_jobs_that_ended_well_and_other_types_are_not_told() -> None:
    stage = Stage(job_types=("import",))
    stage.sweep()
    stage.fails("other")
    stage.fails("well", job_type="import", state=State.COMPLETED)
    stage.clock.advance(MINUTE)

    assert stage.sweep() == 0
    assert stage.told == []


def test_message_that_nobody_took_is_sent_again_with_the_next(stage: Stage) -> None:
    stage.fails("a")
    stage.clock.advance(MINUTE)
    stage.topic.is_down = True
    stage.sweep()
    stage.topic.is_down = False
    stage.fails("b")
    stage.clock.advance(MINUTE)

    stage.sweep()

    assert [sorted(one) for one in stage.told] == [["a", "b"]]


def test_store_that_is_down_delays_it(stage: Stage) -> None:
    stage.fails("a")
    stage.clock.advance(MINUTE)
    stage.is_silent = True
    stage.sweep()
    stage.is_silent = False

    assert stage.sweep() == 1
    assert "alert_delayed" in str(stage.telemetry.troubles)


def test_run_without_time_leaves_it_to_the_next(stage: Stage) -> None:
    stage.fails("a")
    stage.clock.advance(MINUTE)

    assert stage.sweep(time_left=timedelta(0)) == 0
    assert "alert_delayed" in str(stage.telemetry.troubles)
    assert stage.sweep() == 1


def test_a_storm_is_counted_as_far_as_is_cheap(stage: Stage) -> None:
    stage.fails(*(f"job-{number}" for number in range(MOST_COUNTED + 1)))
    stage.clock.advance(MINUTE)

    assert stage.sweep() == MOST_COUNTED
    assert stage.topic.told[0].at_least
    assert stage.sweep() == 0


def test_after_a_day_without_a_sweeper_only_the_last_day_is_told(stage: Stage) -> None:
    stage.fails("long ago")
    stage.clock.advance(timedelta(hours=30))
    stage.fails("lately")
    stage.clock.advance(MINUTE)

    stage.sweep()

    assert stage.told == [["lately"]]
