"""Alarms of what waits and moves: each rings when it should, and not when it should not."""

from collections.abc import Callable

import pytest

from tests.infra.alarming import LEEWAYS, Scene, alarms_of
from tests.infra.cloud import Cloud
from workerless.alarming.leeway import Leeway
from workerless.alarming.template import Alarms

VISIBLE, HIDDEN = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"
DELETED, POLLED = "NumberOfMessagesDeleted", "PolledEventCount"
MAIL = "workerless-prod-send_email"
LANES = "workerless-prod-lanes"
HOUR = range(61)


@pytest.fixture(scope="module")
def alarms(clouds: Callable[[str], Cloud]) -> Alarms:
    return alarms_of(clouds("prod"))


@pytest.fixture(params=LEEWAYS, ids=str)
def leeway(request: pytest.FixtureRequest) -> Leeway:
    found: Leeway = request.param
    return found


@pytest.fixture
def mail(alarms: Alarms, leeway: Leeway) -> Scene:
    return Scene(alarms=alarms, prefix=MAIL, leeway=leeway)


@pytest.fixture
def lanes(alarms: Alarms, leeway: Leeway) -> Scene:
    return Scene(alarms=alarms, prefix=LANES, leeway=leeway)


@pytest.mark.parametrize(
    ("name", "limit"), [("queue-depth-critical", 10_000), ("queue-depth-warning", 5_000)]
)
def test_a_deep_queue_rings_once_it_was_so_for_ten_minutes(
    mail: Scene, name: str, limit: int
) -> None:
    mail.gauge(VISIBLE, lambda n: limit + 1 if 20 <= n < 40 else limit, HOUR, of="send_email")

    assert mail.rings(name, HOUR) == list(range(30, 41))


def test_a_queue_that_was_deep_for_nine_minutes_is_no_trouble(mail: Scene) -> None:
    mail.gauge(VISIBLE, lambda n: 50_000 if 20 <= n < 29 else 0, HOUR, of="send_email")

    assert mail.rings("queue-depth-critical", HOUR) == []


def test_the_lane_that_is_deep_rings(lanes: Scene) -> None:
    lanes.gauge(VISIBLE, lambda n: 20_000, HOUR, of="lanes--premium")

    assert lanes.rings("queue-depth-critical-premium", HOUR) == list(range(10, 61))
    assert lanes.rings("queue-depth-critical", HOUR) == []
    assert 30 in lanes.rings("critical", HOUR)


def test_no_job_processed_rings_after_five_minutes_of_backlog(mail: Scene) -> None:
    mail.gauge(VISIBLE, lambda n: 7, HOUR, of="send_email")
    mail.gauge(DELETED, lambda n: 0 if 20 <= n < 40 else 3, HOUR)

    assert mail.rings("no-jobs-processed", HOUR) == list(range(25, 41))


@pytest.mark.parametrize("ended", [lambda n: 0, lambda n: None], ids=["zero", "missing"])
def test_an_idle_queue_processes_nothing_and_is_well(
    mail: Scene, ended: Callable[[int], float | None]
) -> None:
    mail.gauge(VISIBLE, lambda n: 0, HOUR, of="send_email")
    mail.gauge(DELETED, ended, HOUR)

    assert mail.rings("no-jobs-processed", HOUR) == []


def test_no_job_ever_processed_rings_too(mail: Scene) -> None:
    mail.gauge(VISIBLE, lambda n: 7, HOUR, of="send_email")

    assert mail.rings("no-jobs-processed", HOUR) == list(range(5, 61))


def test_jobs_that_take_a_quarter_of_an_hour_may_take_it(alarms: Alarms, leeway: Leeway) -> None:
    long = Scene(alarms=alarms, prefix="workerless-prod-longest", leeway=leeway)
    long.gauge(VISIBLE, lambda n: 7, range(200), of="longest")
    long.gauge(DELETED, lambda n: 5 if n < 100 and n % 15 == 0 else 0, range(200))

    rings = long.rings("no-jobs-processed", range(200))

    assert rings == list(range(107, 200))


def test_one_lane_that_stands_still_is_seen_beside_others(lanes: Scene) -> None:
    lanes.gauge(VISIBLE, lambda n: 7, HOUR)
    lanes.gauge(DELETED, lambda n: 9, HOUR)
    lanes.gauge(DELETED, lambda n: 0, HOUR, of="lanes--premium")

    # Its jobs may take some five minutes each.
    assert lanes.rings("no-jobs-processed-premium", HOUR) == list(range(7, 61))
    assert lanes.rings("no-jobs-processed", HOUR) == []
    assert lanes.rings("critical", HOUR) == list(range(7, 61))


def test_a_mapping_that_polls_in_vain_runs(mail: Scene) -> None:
    mail.gauge(VISIBLE, lambda n: 0, HOUR, of="send_email")
    mail.gauge(POLLED, lambda n: 0, HOUR)

    assert mail.rings("mapping-stopped", HOUR) == []


def test_a_mapping_that_does_not_poll_has_stopped(mail: Scene) -> None:
    mail.gauge(VISIBLE, lambda n: 0, HOUR, of="send_email")
    mail.gauge(POLLED, lambda n: 0 if n < 20 or n >= 45 else None, HOUR)

    assert mail.rings("mapping-stopped", HOUR) == list(range(35, 46))


def test_a_mapping_of_a_new_job_type_has_not_stopped(mail: Scene) -> None:
    mail.gauge(VISIBLE, lambda n: 0 if n >= 10 else None, HOUR, of="send_email")
    mail.gauge(POLLED, lambda n: 0 if n >= 14 else None, HOUR)

    assert mail.rings("mapping-stopped", HOUR) == []


def test_a_mapping_that_never_polled_is_found(mail: Scene) -> None:
    mail.gauge(VISIBLE, lambda n: 0, HOUR, of="send_email")

    assert mail.rings("mapping-stopped", HOUR) == list(range(15, 61))


def test_what_stands_still_because_it_is_paused_wakes_nobody(mail: Scene) -> None:
    paused = range(20, 50)
    mail.gauge(VISIBLE, lambda n: 20_000 if n >= 20 else 0, range(80), of="send_email")
    mail.gauge(DELETED, lambda n: 0 if n in paused else 100, range(80))
    mail.gauge(POLLED, lambda n: None if n in paused else 5, range(80))
    mail.gauge("QueuePaused", lambda n: 1 if n in paused else None, range(80))

    assert 45 in mail.rings("no-jobs-processed", range(80))
    assert 45 in mail.rings("mapping-stopped", range(80))
    # Once it runs again it has ten minutes; then 20,000 jobs are too many.
    woken = mail.rings("critical", range(80))
    assert woken == list(range(woken[0], 80))
    assert 59 <= woken[0] <= 70


def still(lanes: Scene) -> None:
    """None of its lanes moves: a backlog of 50 in each."""
    lanes.gauge(VISIBLE, lambda n: 50, range(80), of="lanes")
    lanes.gauge(VISIBLE, lambda n: 50, range(80), of="lanes--premium")
    lanes.gauge(DELETED, lambda n: 0, range(80))


@pytest.mark.parametrize("lane", ["standard", "premium"])
def test_a_lane_that_is_paused_hides_no_other_one(lanes: Scene, lane: str) -> None:
    still(lanes)
    lanes.gauge("LanePaused", lambda n: 1, range(80), of=lane)

    assert 30 in lanes.rings("critical", range(80))


def test_lanes_that_are_paused_wake_nobody(lanes: Scene) -> None:
    still(lanes)
    lanes.gauge("LanePaused", lambda n: 1, range(80))

    assert lanes.rings("critical", range(80)) == []


def test_a_job_type_that_is_paused_as_a_whole_has_lanes_that_wake_nobody(lanes: Scene) -> None:
    still(lanes)
    lanes.gauge("QueuePaused", lambda n: 1, range(80))

    assert lanes.rings("critical", range(80)) == []


def test_a_pause_hides_no_failures(mail: Scene) -> None:
    mail.gauge("QueuePaused", lambda n: 1, HOUR)
    mail.gauge("Errors", lambda n: 1 if n == 30 else 0, HOUR)

    assert 31 in mail.rings("critical", HOUR)


def test_an_old_job_rings_after_five_minutes(mail: Scene) -> None:
    mail.gauge("ApproximateAgeOfOldestMessage", lambda n: 5_000 if n >= 20 else 1, HOUR)

    assert mail.rings("oldest-age", HOUR) == list(range(25, 61))


def ages(alarms: Alarms, job_type: str, leeway: Leeway, longest: int) -> list[int]:
    """When it rings for a message that is left out once it is so many minutes old."""
    scene = Scene(alarms=alarms, prefix=f"workerless-prod-{job_type}", leeway=leeway)
    scene.gauge("ApproximateAgeOfOldestMessage", lambda n: 60 * n if n < longest else 0, range(180))
    return scene.rings("oldest-age", range(180))


@pytest.mark.parametrize("job_type", ["shortest", "send_email", "plain"])
def test_a_job_that_is_snoozed_twice_is_not_stale(
    alarms: Alarms, leeway: Leeway, job_type: str
) -> None:
    assert ages(alarms, job_type, leeway, 32) == []


@pytest.mark.parametrize("job_type", ["shortest", "send_email", "plain", "owned"])
def test_an_hour_is_explained_by_no_backoff(alarms: Alarms, leeway: Leeway, job_type: str) -> None:
    assert ages(alarms, job_type, leeway, 60) != []


@pytest.mark.parametrize("of", ["--sweeper", ""], ids=["alone", "with all that the clock calls"])
def test_a_stopped_sweeper_is_told_from_a_new_stage(
    alarms: Alarms, leeway: Leeway, of: str
) -> None:
    stage = Scene(alarms=alarms, prefix="workerless-prod-", leeway=leeway)
    stage.gauge(VISIBLE, lambda n: 0 if n >= 5 else None, HOUR, of="--ticks")
    stage.gauge("Invocations", lambda n: 1 if n >= 5 else None, HOUR)
    assert stage.rings("sweeper-stopped", HOUR) == []

    stage.gauge("Invocations", lambda n: 1 if 5 <= n < 30 else None, HOUR, of=of)

    assert stage.rings("sweeper-stopped", HOUR) == list(range(40, 61))


@pytest.mark.parametrize("name", [DELETED, POLLED, VISIBLE])
def test_a_metric_that_comes_late_rings_nothing(mail: Scene, name: str) -> None:
    mail.gauge(VISIBLE, lambda n: 50, HOUR)
    mail.gauge(DELETED, lambda n: 9, HOUR)
    mail.gauge(POLLED, lambda n: 9, HOUR)

    assert mail.rings("critical", range(20, 61), late={name: 3}) == []


LATE = [one for one in LEEWAYS if one.spare >= 2]


@pytest.mark.parametrize("leeway", LATE, ids=str)
@pytest.mark.parametrize("minutes", [1, 2])
def test_a_standstill_is_told_though_sqs_is_late(
    alarms: Alarms, leeway: Leeway, minutes: int
) -> None:
    """The guide: with FILL the newest point is always the filled one, where a metric is late."""
    mail = Scene(alarms=alarms, prefix=MAIL, leeway=leeway)
    mail.gauge(VISIBLE, lambda n: 50, HOUR, of="send_email")
    mail.gauge(DELETED, lambda n: 0, HOUR)
    mail.gauge(POLLED, lambda n: 5 if n < 10 else None, HOUR)
    stage = Scene(alarms=alarms, prefix="workerless-prod-", leeway=leeway)
    stage.gauge(VISIBLE, lambda n: 0, HOUR, of="--ticks")
    stage.gauge("Invocations", lambda n: 1 if n < 20 else None, HOUR)

    late = {VISIBLE: minutes, DELETED: minutes, POLLED: minutes}

    assert 10 in mail.rings("no-jobs-processed", HOUR, late=late)
    assert 30 in mail.rings("mapping-stopped", HOUR, late=late)
    assert 40 in stage.rings("sweeper-stopped", HOUR, late=late)


def test_a_pool_is_watched_once_for_all_its_job_types(alarms: Alarms) -> None:
    told = {one.name for one in alarms.metric}

    assert "workerless-prod--pool-small-worker-crashes" in told
    assert "workerless-prod--pool-small-throttles" in told
    assert not {one for one in told if "-pooled_" in one and "crashes" in one}
    assert "workerless-prod-pooled_long-mapping-stopped" in told
