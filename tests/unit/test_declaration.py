"""declaration: a job type that cannot be is refused where it is declared, in words that help."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workerless import Fixed, Tracking, limits
from workerless.errors import DeclarationError
from workerless.job_type import SETTLE_MARGIN, JobType
from workerless.payload import Payload, Result
from workerless.unknown_outcome import OnUnknownOutcome

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
# An hour more than six times a function's 310 s.
LEAST = timedelta(minutes=91)


class Greet(Payload):
    """Greet somebody."""

    name: str


class Undocumented(Payload):
    name: str


class Greeted(Result):
    text: str


def declared(**fields: Any) -> JobType[Any, Any]:
    return JobType(**{"name": "greet", "payload": Greet, **fields})


@pytest.mark.parametrize(
    "name", ["a", "greet", "send_email", "user.welcome", "v2", "a1.b2_c3", "a" * 40]
)
def test_lower_case_words_make_a_name(name: str) -> None:
    assert declared(name=name).name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Greet",
        "2greet",
        "greet-me",
        "greet me",
        "_greet",
        "greet_",
        "greet__me",
        "greet..me",
        "greet.",
        "greet\n",
        "grüße",
        "a" * 41,
    ],
)
def test_other_name_is_refused_showing_it(name: str) -> None:
    with pytest.raises(DeclarationError, match="name must be 1 to 40 lower-case") as caught:
        declared(name=name)

    assert str(caught.value).endswith(f"got {name!r}")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("payload", dict, "a subclass of workerless.Payload, got <class 'dict'>"),
        ("payload", Greet(name="Ada"), "a subclass of workerless.Payload, got Greet"),
        ("payload", Greeted, "a subclass of workerless.Payload"),
        ("payload", Undocumented, "documented: .* got 'Undocumented'"),
        ("result", str, "None or a subclass of workerless.Result, got <class 'str'>"),
        ("result", Greet, "None or a subclass of workerless.Result"),
        ("version", 0, "between 1 and 999999, got 0"),
        ("version", 1_000_000, "between 1 and 999999, got 1000000"),
        ("runbook", "http://wiki/greet", "empty or an https:// address, got 'http://wiki/greet'"),
        ("timeout", SECOND - timedelta.resolution, "at least 1 s"),
        ("timeout", timedelta(seconds=891), "at most 0:14:50 with batch_size=1"),
        ("timeout", timedelta(seconds=890.5), "at most 0:14:50 with batch_size=1"),
        ("timeout", timedelta.max, "at most 0:14:50 with batch_size=1"),
        ("retry_within", timedelta(0), "None or above 0 s, got datetime"),
        ("concurrency", 0, "between 1 and 1000 .* got 0"),
        ("concurrency", 1001, "between 1 and 1000 .* got 1001"),
        ("batch_size", 0, "between 1 and 50, got 0"),
        ("batch_size", 51, "between 1 and 50, got 51"),
        ("batching_window", -SECOND, "whole seconds up to 0:05:00"),
        ("batching_window", SECOND * 301, "whole seconds up to 0:05:00"),
        ("batching_window", SECOND * 1.5, "whole seconds up to 0:05:00"),
        ("memory_mb", 127, "between 128 and 10240, got 127"),
        ("memory_mb", 10_241, "between 128 and 10240, got 10241"),
        ("ephemeral_storage_mb", 511, "between 512 and 10240, got 511"),
        ("ephemeral_storage_mb", 10_241, "between 512 and 10240, got 10241"),
        ("environment", {"AWS_REGION": "x"}, "UPPER_SNAKE .* got 'AWS_REGION'"),
        ("environment", {"WORKERLESS_STAGE": "x"}, "UPPER_SNAKE .* got 'WORKERLESS_STAGE'"),
        ("environment", {"LAMBDA_TASK": "x"}, "UPPER_SNAKE .* got 'LAMBDA_TASK'"),
        ("environment", {"A": "x" * 4_000}, "at most 3072 bytes in all, got 4001"),
        ("environment", {"sender": "x"}, "UPPER_SNAKE .* got 'sender'"),
        ("max_depth", 0, "between 1 and 1000000, got 0"),
        ("max_depth", 1_000_001, "between 1 and 1000000, got 1000001"),
        ("children", "other", "a tuple of at most 20 different names .* got 'other'"),
        ("children", ("a", "a"), "a tuple of at most 20 different names"),
        ("children", (Greet,), "a tuple of at most 20 different names"),
        ("children", tuple(f"a{n}" for n in range(21)), "a tuple of at most 20"),
        ("completed_retention", LEAST - SECOND, "between 1:31:00 .*and 3650 days"),
        ("failed_retention", LEAST - SECOND, "between 1:31:00 .*and 3650 days"),
        ("completed_retention", timedelta.max, "between .*and 3650 days"),
        ("failed_retention", timedelta(days=3651), "between .*and 3650 days"),
        ("tracking", "lean", "one of Tracking.FULL, Tracking.LEAN, Tracking.OFF, got 'lean'"),
        ("tracking", None, "one of Tracking.FULL"),
    ],
)
def test_what_cannot_be_is_refused_naming_job_type_field_and_allowed_values(
    field: str, value: object, words: str
) -> None:
    with pytest.raises(DeclarationError, match=f"^greet: {field} must be {words}"):
        declared(**{field: value})


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("result", Greeted, "None with tracking off: it takes a record, got <class"),
        ("retry_within", HOUR, "None with tracking off"),
        ("on_unknown_outcome", OnUnknownOutcome.FAIL, "OnUnknownOutcome.RETRY with tracking off"),
        ("on_unknown_outcome", OnUnknownOutcome.HOLD, "OnUnknownOutcome.RETRY with tracking off"),
        ("retry", Fixed(cap=QUARTER + SECOND), "capped at 0:15:00 or less with tracking off"),
        ("by_error", {OSError: Fixed(cap=HOUR)}, "capped at 0:15:00 or less with tracking off"),
    ],
)
def test_what_takes_a_record_is_refused_with_tracking_off_alone(
    field: str, value: object, words: str
) -> None:
    with pytest.raises(DeclarationError, match=f"^greet: {field} must be {words}"):
        declared(tracking=Tracking.OFF, **{field: value})

    for tracking in (Tracking.FULL, Tracking.LEAN):
        assert declared(tracking=tracking, **{field: value}).tracking is tracking


def test_untracked_job_type_may_have_all_that_needs_no_record() -> None:
    declared(
        tracking=Tracking.OFF,
        retry=Fixed(attempts=100, cap=QUARTER),
        by_error={OSError: Fixed(cap=QUARTER)},
        give_up_on=(LookupError,),
        dead_letter=False,
        batch_size=10,
    )


@pytest.mark.parametrize("attempts", [1, 3, 100])
def test_fuse_lies_near_the_attempts_where_receives_are_attempts(attempts: int) -> None:
    retry = Fixed(attempts=attempts)

    assert declared(retry=retry).max_receive_count == attempts * 2 + 10
    assert declared(retry=retry, tracking=Tracking.OFF).max_receive_count == attempts + 10


def test_environment_with_an_unknown_placeholder_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"^greet: environment may hold only .*'{zone}'"):
        declared(environment={"SENDER": "{zone}"})


def test_upcasters_lift_from_earlier_versions_only() -> None:
    assert declared(version=3, upcasters={1: dict, 2: dict}).version == 3

    for strange in (0, 3, "1"):
        with pytest.raises(DeclarationError, match="upcasters must be from versions 1 to 2"):
            declared(version=3, upcasters={strange: dict})


def test_unknown_outcomes_are_held_or_failed_one_job_at_a_time() -> None:
    assert declared(on_unknown_outcome=OnUnknownOutcome.HOLD).batch_size == 1

    with pytest.raises(DeclarationError, match="batch_size must be 1 with on_unknown"):
        declared(on_unknown_outcome=OnUnknownOutcome.HOLD, batch_size=2)
    with pytest.raises(DeclarationError, match=r"one of OnUnknownOutcome\.RETRY, .*, got 'hold'"):
        declared(on_unknown_outcome="hold")


def test_large_batch_needs_a_window_to_fill_in() -> None:
    with pytest.raises(DeclarationError, match="batching_window must be at least 1 s when"):
        declared(batch_size=11)

    assert declared(batch_size=11, batching_window=SECOND).batch_size == 11


def test_longest_timeout_named_for_a_batch_is_one_that_is_accepted() -> None:
    with pytest.raises(DeclarationError, match="at most 0:07:25 with batch_size=10"):
        declared(batch_size=10, timeout=timedelta(minutes=10))

    longest = timedelta(minutes=7, seconds=25)
    assert declared(batch_size=10, timeout=longest).timeout == longest


def test_everything_at_its_bounds_is_accepted() -> None:
    for bounds in (
        {"concurrency": 2, "memory_mb": 128, "timeout": SECOND, "version": 1},
        {"concurrency": 1000, "memory_mb": 10_240, "timeout": SECOND * 890, "version": 999_999},
        {"batch_size": 50, "batching_window": SECOND * 300},
        {"ephemeral_storage_mb": 10_240, "failed_retention": timedelta(days=3650)},
        {"completed_retention": LEAST, "failed_retention": LEAST},
        {"runbook": "https://wiki/greet", "environment": {"SENDER_2": "{stage}@x"}},
    ):
        declared(**bounds)


@settings(deadline=None)
@given(
    timeout=st.timedeltas(timedelta(0), timedelta(minutes=16)) | st.timedeltas(),
    batch_size=st.integers(-1, 60),
    window=st.integers(-1, 301).map(lambda seconds: SECOND * seconds),
)
@example(timeout=timedelta(seconds=890), batch_size=1, window=timedelta(0))
@example(timeout=timedelta(seconds=445), batch_size=50, window=SECOND * 300)
@example(timeout=timedelta(seconds=889, microseconds=1), batch_size=1, window=timedelta(0))
def test_every_legal_job_type_fits_lambda_and_sqs(
    timeout: timedelta, batch_size: int, window: timedelta
) -> None:
    try:
        job_type = declared(timeout=timeout, batch_size=batch_size, batching_window=window)
    except DeclarationError:
        return

    function, visibility = job_type.function_timeout, job_type.visibility_timeout
    assert timeout + SETTLE_MARGIN <= function <= limits.MAX_FUNCTION_TIMEOUT
    assert function % SECOND == visibility % SECOND == timedelta(0)
    assert function * 6 + window <= visibility <= limits.MAX_VISIBILITY
