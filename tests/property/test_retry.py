"""retry: laws of the plan, over whole lives of failing jobs."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from workerless.backoff import Exponential, Fixed, Polynomial
from workerless.retry import GiveUp, Retries, plan

LAW = settings(deadline=None)
START = datetime(2026, 11, 20, tzinfo=UTC)
KINDS: list[type[BaseException]] = [OSError, ConnectionError, LookupError, KeyError, ValueError]

policies = st.one_of(
    st.builds(Exponential, factor=st.floats(1, 1e9)),
    st.builds(Fixed, delay=st.timedeltas(timedelta(0), timedelta.max)),
    st.builds(Polynomial, power=st.floats(0, 10, exclude_min=True)),
)
every_retries = st.builds(
    Retries,
    policy=policies,
    by_error=st.dictionaries(st.sampled_from(KINDS), policies, max_size=3),
    give_up_on=st.lists(st.sampled_from(KINDS), max_size=2).map(tuple),
    within=st.none() | st.timedeltas(timedelta(microseconds=1), timedelta.max),
)


@LAW
@given(every_retries, st.integers(1, 100), st.data())
def test_job_that_always_fails_ends_within_its_attempts_and_its_window(
    retries: Retries, max_attempts: int, data: st.DataObject
) -> None:
    now, starts, reason = START, 0, ""
    rng = Random(data.draw(st.integers()))
    kinds = data.draw(st.lists(st.sampled_from(KINDS), min_size=1))

    while not reason:
        starts += 1
        answer = plan(
            retries,
            attempt=starts,
            max_attempts=max_attempts,
            error=kinds[starts % len(kinds)](),
            first_started_at=START,
            now=now,
            rng=rng,
        )
        if isinstance(answer, GiveUp):
            reason = answer.reason
        else:
            now += answer.delay

    assert starts <= max_attempts
    assert reason in {"attempts_exhausted", "gave_up", "retry_window_over"}
    assert retries.within is None or now - START <= retries.within


@LAW
@given(every_retries, st.sampled_from(KINDS), st.integers(1, 100), st.integers())
def test_what_is_given_up_on_is_never_repeated(
    retries: Retries, kind: type[BaseException], attempt: int, seed: int
) -> None:
    answer = plan(
        retries,
        attempt=attempt,
        max_attempts=100,
        error=kind(),
        first_started_at=START,
        now=START,
        rng=Random(seed),
    )

    if issubclass(kind, retries.give_up_on):
        assert answer == GiveUp(reason="gave_up")
    else:
        assert answer != GiveUp(reason="gave_up")
