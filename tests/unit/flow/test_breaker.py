"""The rules of a circuit breaker."""

from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workerless.flow.breaker import (
    MAX_HOLD,
    NEW,
    Breaker,
    Stand,
    closed,
    counted,
    failed_again,
    held,
    opened,
    probed,
    read_breaker,
    released,
    write_breaker,
)
from workerless.flow.dependency import Dependency
from workerless.testing.memory import FakeClock

NOW = FakeClock().now()
SECOND = timedelta(seconds=1)
BANK = Dependency("bank", (OSError,), failures=3, within=30 * SECOND, open_for=30 * SECOND)
fail = partial(counted, dependency=BANK, calls=1, failures=1)


def fails(times: int, *, every: timedelta = SECOND, dependency: Dependency = BANK) -> Breaker:
    breaker = NEW
    for number in range(times):
        breaker = fail(breaker, now=NOW + number * every, dependency=dependency)
    return breaker


def test_breaker_opens_at_its_number_of_failures_and_not_before() -> None:
    assert fails(2).stand(NOW + 2 * SECOND) is Stand.CLOSED

    tripped = fails(3)

    assert tripped.open_until == NOW + 2 * SECOND + BANK.open_for
    assert tripped.stand(NOW + 3 * SECOND) is Stand.OPEN
    assert tripped.stand(tripped.open_until) is Stand.READY


def test_failures_of_another_window_do_not_count() -> None:
    assert fails(10, every=15 * SECOND).open_until is None


def test_ratio_lets_few_failures_among_many_pass() -> None:
    bank = Dependency("bank", (OSError,), failures=3, ratio=0.5)
    breaker = fails(2, dependency=bank)

    busy = counted(breaker, bank, NOW, calls=7, failures=1)
    idle = counted(breaker, bank, NOW, calls=4, failures=1)

    assert (busy.open_until, busy.failures, busy.calls) == (None, 3, 9)
    assert idle.stand(NOW) is Stand.OPEN


def test_calls_are_counted_only_while_somebody_fails() -> None:
    assert counted(NEW, BANK, NOW, calls=5, failures=0) == NEW


def test_failures_of_jobs_that_started_before_it_opened_change_nothing() -> None:
    tripped = fails(3)

    assert fail(tripped, now=NOW + 5 * SECOND) == tripped


def test_one_job_probes_under_a_lease_and_another_when_that_is_over() -> None:
    ready = NOW + 40 * SECOND
    probing = probed(fails(3), "one", ready + 10 * SECOND)

    assert probing.stand(ready) is Stand.PROBED
    assert probing.stand(ready + 10 * SECOND) is Stand.READY


def test_probe_that_completes_closes_it_and_the_fleet_works_up_to_its_speed() -> None:
    probing = probed(fails(3), "one", NOW + 60 * SECOND)

    after = closed(probing, "one", NOW)

    assert after.stand(NOW) is Stand.CLOSED
    shares = [after.share(NOW + n * SECOND, timedelta(seconds=100)) for n in (0, 45, 90, 1_000)]
    assert shares == pytest.approx([0.1, 0.55, 1, 1])
    assert after.share(NOW, timedelta(0)) == 1
    assert (after.failures, after.trips) == (0, 0)


def test_fleet_that_works_up_trips_at_fewer_failures() -> None:
    slow = closed(probed(fails(3), "one", NOW), "one", NOW)

    assert fail(slow, now=NOW).stand(NOW) is Stand.OPEN


def test_probe_that_fails_opens_it_for_twice_as_long_up_to_ten_minutes() -> None:
    breaker, lasts = fails(3), []
    for _ in range(7):
        breaker = failed_again(probed(breaker, "one", NOW), "one", BANK, NOW)
        assert breaker.open_until is not None
        lasts.append((breaker.open_until - NOW) / SECOND)

    assert lasts == [60, 120, 240, 480, 600, 600, 600]


@pytest.mark.parametrize(
    "end", [partial(failed_again, dependency=BANK, now=NOW), partial(closed, now=NOW), released]
)
def test_probe_that_was_taken_over_says_nothing(end: "partial[Breaker]") -> None:
    probing = probed(fails(3), "two", NOW + 60 * SECOND)

    assert end(probing, token="one") == probing  # noqa: S106 -- no password


def test_probe_that_never_asked_lets_another_one_try() -> None:
    assert released(probed(fails(3), "one", NOW + 60 * SECOND), "one") == fails(3)


def test_dependency_that_says_when_to_come_back_is_held_and_then_slow() -> None:
    until = NOW + 20 * SECOND
    first = held(NEW, until, NOW, timedelta(seconds=100))
    same = held(first, until - SECOND, NOW + SECOND, timedelta(seconds=100))
    again = held(first, until + 70 * SECOND, until + 30 * SECOND, timedelta(seconds=100))

    assert (first.stand(NOW), first.stand(until)) == (Stand.HELD, Stand.CLOSED)
    assert first.shut_until(NOW) == until
    assert first.share(until, timedelta(seconds=100)) == 0.5
    assert first.share(until + 30 * SECOND, timedelta(seconds=100)) == pytest.approx(0.8)
    assert same == first
    assert again.share(until + 70 * SECOND, timedelta(seconds=100)) == pytest.approx(0.4)


def test_fleet_is_held_for_an_hour_at_most() -> None:
    far = held(NEW, NOW + timedelta(days=400), NOW, SECOND)

    assert far.held_until == NOW + MAX_HOLD


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["fail", "work", "probe", "close", "fail again", "release", "hold"]),
            st.integers(0, 50),
        ),
        max_size=60,
    )
)
def test_whatever_happens_one_job_probes_at_a_time_and_the_share_is_one(
    steps: list[tuple[str, int]],
) -> None:
    breaker, now, probing = NEW, NOW, 0
    for step, seconds in steps:
        now += seconds * SECOND
        match step:
            case "fail" | "work":
                breaker = counted(breaker, BANK, now, calls=1, failures=step == "fail")
            case "probe" if breaker.stand(now) is Stand.READY:
                breaker, probing = probed(breaker, str(probing + 1), now + 20 * SECOND), probing + 1
                assert breaker.stand(now) is Stand.PROBED
            case "close":
                breaker = closed(breaker, str(probing), now)
            case "fail again":
                breaker = failed_again(breaker, str(probing), BANK, now)
            case "release":
                breaker = released(breaker, str(probing))
            case "hold":
                breaker = held(breaker, now + seconds * SECOND, now, BANK.recovery)
        assert 0 < breaker.share(now, BANK.recovery) <= 1
        assert breaker.shut_until(now) - now <= max(timedelta(minutes=10), MAX_HOLD)
        assert read_breaker(write_breaker(breaker), breaker.version) == breaker
        # It is never shut for ever: some time later jobs pass, or one does.
        later = now + 2 * MAX_HOLD
        assert breaker.stand(later) in (Stand.CLOSED, Stand.READY)


def test_open_lasts_as_long_as_declared_where_that_is_longer() -> None:
    patient = Dependency("bank", (OSError,), open_for=timedelta(hours=1))

    assert opened(NEW, patient, NOW).open_until == NOW + timedelta(hours=1)
