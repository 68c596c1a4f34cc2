"""How long somebody waits is a duration, never a bare number."""

from datetime import timedelta

import pytest

from workerless.patience import pauses
from workerless.testing.memory import FakeClock


@pytest.mark.parametrize("timeout", [5, 0.5, None])
def test_bare_number_is_no_time_to_wait(timeout: object) -> None:
    with pytest.raises(TypeError, match=r"timeout must be a timedelta, got .*timedelta\(seconds="):
        next(pauses(timeout, FakeClock()))  # type: ignore[arg-type]


def test_there_is_a_pause_until_the_timeout_has_passed() -> None:
    clock = FakeClock()

    for pause in pauses(timedelta(seconds=10), clock):
        clock.advance(pause)

    assert clock.now() - FakeClock().now() == timedelta(seconds=10)
