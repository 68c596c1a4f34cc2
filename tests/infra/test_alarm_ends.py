"""Alarms of how jobs end, and of dead letters."""

from collections.abc import Callable

import pytest

from tests.infra.alarming import LEEWAYS, Scene, alarms_of
from tests.infra.cloud import Cloud
from workerless.alarming.leeway import Leeway
from workerless.alarming.template import Alarms

VISIBLE, HIDDEN = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"
MAIL = "workerless-prod-send_email"
HOUR, DAY = range(61), 24 * 60
DEAD = "-dead"


@pytest.fixture(scope="module")
def alarms(clouds: Callable[[str], Cloud]) -> Alarms:
    return alarms_of(clouds("prod"))


@pytest.fixture(params=LEEWAYS, ids=str)
def mail(request: pytest.FixtureRequest, alarms: Alarms) -> Scene:
    leeway: Leeway = request.param
    return Scene(alarms=alarms, prefix=MAIL, leeway=leeway)


def ends(mail: Scene, minutes: range, *, jobs: int, failed: Callable[[int], int]) -> None:
    """So many jobs end in each minute, and so many of them fail: counted as workers do."""
    mail.events("JobAttempts", {n: [1] * jobs for n in minutes})
    mail.events("JobsFailed", {n: [1] * failed(n) for n in minutes if failed(n)})


def test_one_job_in_eight_failing_rings_after_five_minutes(mail: Scene) -> None:
    ends(mail, HOUR, jobs=96, failed=lambda n: 12 if 20 <= n < 40 else 0)

    rings = mail.rings("failure-rate-critical", HOUR)

    # Once more than a tenth failed in each of the last two windows of five minutes.
    assert rings[0] in (29, 30)
    assert rings == list(range(rings[0], rings[-1] + 1))
    assert 40 <= rings[-1] <= 42


def test_one_job_in_ten_failing_is_not_yet_critical(mail: Scene) -> None:
    ends(mail, HOUR, jobs=100, failed=lambda n: 10)

    assert mail.rings("failure-rate-critical", HOUR) == []
    assert mail.rings("failure-rate-warning", HOUR) != []


@pytest.mark.parametrize(("failed", "warns"), [(5, False), (6, True)])
def test_more_than_one_in_twenty_is_worth_a_warning(
    mail: Scene, failed: int, *, warns: bool
) -> None:
    ends(mail, HOUR, jobs=100, failed=lambda n: failed)

    assert bool(mail.rings("failure-rate-warning", HOUR)) is warns


@pytest.mark.parametrize(("jobs", "rings"), [(2, False), (3, True)])
def test_a_ratio_of_ten_jobs_is_chance(mail: Scene, jobs: int, *, rings: bool) -> None:
    ends(mail, HOUR, jobs=jobs, failed=lambda n: jobs)  # 10 or 15 in five minutes

    assert bool(mail.rings("failure-rate-critical", HOUR)) is rings


def test_when_all_fail_and_none_completes_it_rings(mail: Scene) -> None:
    ends(mail, range(20, 61), jobs=50, failed=lambda n: 50)

    assert 45 in mail.rings("failure-rate-critical", HOUR)
    assert 45 in mail.rings("critical", HOUR)


def test_one_bad_minute_wakes_nobody_but_is_told(mail: Scene) -> None:
    ends(mail, HOUR, jobs=20, failed=lambda n: 20 if n == 30 else 0)

    assert mail.rings("failure-rate-critical", HOUR) == []
    assert mail.rings("failure-rate-warning", HOUR) == list(range(31, 46))


@pytest.mark.parametrize("name", ["JobAttempts", "JobsFailed"])
def test_a_count_that_comes_late_makes_no_ratio_critical(mail: Scene, name: str) -> None:
    ends(mail, HOUR, jobs=100, failed=lambda n: 9)

    assert mail.rings("failure-rate-critical", range(20, 61), late={name: 2}) == []


def test_it_falls_silent_when_jobs_stop_coming(mail: Scene) -> None:
    ends(mail, range(30), jobs=50, failed=lambda n: 50)

    rings = mail.rings("failure-rate-critical", range(90))

    assert 25 in rings
    assert max(rings) < 30 + 5 * (2 + mail.leeway.spare)


def test_the_first_letter_rings_and_goes_on_while_the_sweeper_hides_it(mail: Scene) -> None:
    # Hidden for ten minutes, seen for one, as the sweeper does; dismissed after 40 minutes.
    mail.gauge(VISIBLE, lambda n: 1 if 10 <= n < 40 and n % 11 == 10 else 0, range(90), of=DEAD)

    assert mail.rings("dead-letters", range(90)) == list(range(11, 48))


@pytest.mark.parametrize(("letters", "warns"), [(100, False), (101, True)])
def test_more_than_a_hundred_letters_are_many(mail: Scene, letters: int, *, warns: bool) -> None:
    mail.gauge(VISIBLE, lambda n: letters, HOUR, of=DEAD)

    assert bool(mail.rings("dead-letters-many", HOUR)) is warns


def letters(
    mail: Scene, seen: Callable[[int], float | None], hidden: Callable[[int], float | None]
) -> None:
    mail.gauge(VISIBLE, seen, range(120), of=DEAD)
    mail.gauge(HIDDEN, hidden, range(120))


def grows(mail: Scene) -> list[int]:
    return mail.rings("dead-letters-growing", range(120))


def test_letters_that_come_fast_are_critical(mail: Scene) -> None:
    letters(mail, lambda n: 20 * max(0, min(n, 60) - 30), lambda n: 0)

    rings = grows(mail)

    assert rings[0] <= 36
    assert 60 in rings
    assert rings[-1] <= 75
    assert set(rings) <= set(mail.rings("critical", range(120)))


def test_five_thousand_letters_at_once_are_critical(mail: Scene) -> None:
    letters(mail, lambda n: 5_000 if n >= 30 else 0, lambda n: 0)

    assert grows(mail)[0] in (31, 32)


def test_letters_that_come_one_a_minute_are_not(mail: Scene) -> None:
    letters(mail, lambda n: n, lambda n: 0)

    assert grows(mail) == []


def test_a_redrive_of_five_thousand_letters_makes_none_grow(mail: Scene) -> None:
    def left(n: int) -> int:
        return max(0, 5_000 - 250 * max(0, n - 30))

    # Meanwhile the sweeper hides a thousand at a time, and clears those whose jobs run again.
    letters(
        mail,
        lambda n: left(n) - min(left(n), 1_000) * (n % 2),
        lambda n: min(left(n), 1_000) * (n % 2),
    )

    assert grows(mail) == []


def test_letters_that_the_sweeper_hid_and_left_have_not_grown(mail: Scene) -> None:
    def hidden(n: int) -> int:
        return 5_000 if 30 <= n < 40 else 0

    letters(mail, lambda n: 5_000 - hidden(n), hidden)

    assert grows(mail) == []


def test_letters_first_counted_again_after_hours_have_not_grown(mail: Scene) -> None:
    asleep = range(20, 80)
    letters(mail, lambda n: None if n in asleep else 5_000, lambda n: None if n in asleep else 0)

    assert grows(mail) == []


def test_letters_of_a_new_queue_that_begin_with_some_are_seen_by_their_number(mail: Scene) -> None:
    letters(mail, lambda n: 500 if n >= 30 else None, lambda n: 0 if n >= 30 else None)

    assert grows(mail) == []
    assert mail.rings("dead-letters-many", range(120))[0] == 31


def attempts(mail: Scene, took: Callable[[int], float | None], *, jobs: int = 4) -> None:
    """So many attempts a minute, each of so many ms, from a day before minute 0 on."""
    told = {n: took(n) for n in range(-DAY, 6 * 60)}
    mail.events("JobDuration", {n: [ms] * jobs for n, ms in told.items() if ms is not None})


def slow(mail: Scene) -> list[int]:
    return mail.rings("duration-doubled", range(0, 6 * 60, 5))


def test_attempts_that_take_twice_as_long_for_half_an_hour_are_told(mail: Scene) -> None:
    attempts(mail, lambda n: 450 if 60 <= n < 180 else 200)

    rings = slow(mail)

    assert 85 <= rings[0] <= 90
    assert 175 in rings
    assert rings[-1] <= 200


@pytest.mark.parametrize(
    "took",
    [
        pytest.param(lambda n: 390 if n >= 60 else 200, id="not quite twice"),
        pytest.param(lambda n: 900 if 60 <= n < 68 else 200, id="for some minutes"),
        pytest.param(lambda n: 60 if n >= 60 else 20, id="of next to nothing"),
        pytest.param(lambda n: 900 if n >= 60 else None, id="of a new job type"),
        pytest.param(lambda n: None, id="never any"),
        pytest.param(lambda n: 200 if n < 0 else None, id="idle since"),
        pytest.param(lambda n: 200 + n % 30 * 5, id="as on any day"),
    ],
)
def test_attempts_are_not_slow_when_it_was(
    mail: Scene, took: Callable[[int], float | None]
) -> None:
    attempts(mail, took)

    assert slow(mail) == []


def test_a_few_slow_attempts_are_chance(mail: Scene) -> None:
    attempts(mail, lambda n: (900 if n >= 0 else 200) if n % 15 < 2 else None, jobs=5)

    assert slow(mail) == []


def test_what_a_handful_of_attempts_took_is_no_measure(mail: Scene) -> None:
    attempts(mail, lambda n: 900 if n >= 0 else 200 if n in (-100, -99) else None)

    assert slow(mail) == []


def test_slow_attempts_are_forgotten_when_none_follow(mail: Scene) -> None:
    attempts(mail, lambda n: 900 if 0 <= n < 60 else 200 if n < 0 else None)

    rings = slow(mail)

    assert 60 in rings
    assert max(rings) <= 90


@pytest.mark.parametrize(("percent", "rings"), [(80, False), (80.1, True)])
def test_one_job_near_its_memory_is_enough(mail: Scene, percent: float, *, rings: bool) -> None:
    mail.events("MemoryUsed", {30: [40, percent, 40]})

    told = mail.rings("worker-memory", HOUR)

    assert bool(told) is rings
    assert set(told) <= set(range(31, 46 + mail.leeway.spare))


def test_a_crash_rings_for_five_minutes_and_so_does_the_page(mail: Scene) -> None:
    mail.gauge("Errors", lambda n: 1 if n == 30 else 0, HOUR)

    assert mail.rings("worker-crashes", HOUR) == list(range(31, 36))
    assert mail.rings("critical", HOUR) == list(range(31, 36))


def test_throttles_ring_when_they_last(mail: Scene) -> None:
    mail.gauge("Throttles", lambda n: 9 if n in (5, 30, 31, 33) else 0, HOUR)

    assert mail.rings("throttles", HOUR) == [34, 35]


def test_a_missed_schedule_rings_for_its_job_type_only(alarms: Alarms) -> None:
    scene = Scene(alarms=alarms, prefix="workerless-prod-scheduled", leeway=Leeway(spare=0))
    scene.events("SchedulesMissed", {30: [1]})

    assert scene.rings("schedule-missed", HOUR) == list(range(31, 46))
    assert scene.rings("critical", HOUR) == list(range(31, 46))
    others = [one.name for one in alarms.metric if one.name.endswith("schedule-missed")]
    assert f"{MAIL}-schedule-missed" not in others
