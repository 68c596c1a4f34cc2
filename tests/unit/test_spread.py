"""spread: answers in order whoever is first, the first failure in order, nothing left running."""

import threading

import pytest

from workerless.spread import AT_ONCE, Spread, at_once, in_turn


@pytest.mark.parametrize("spread", [in_turn, at_once])
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_every_call_is_made_once_and_answers_keep_their_order(spread: Spread, count: int) -> None:
    made: list[int] = []

    def double(number: int) -> int:
        made.append(number)
        return number * 2

    assert spread(double, range(count)) == [number * 2 for number in range(count)]
    assert sorted(made) == list(range(count))


@pytest.mark.parametrize("spread", [in_turn, at_once])
def test_first_failure_in_order_is_raised(spread: Spread) -> None:
    def fail(number: int) -> None:
        raise ValueError(f"call {number}")

    with pytest.raises(ValueError, match="call 0"):
        spread(fail, range(20))


def test_sixteen_calls_are_under_way_at_once() -> None:
    assert AT_ONCE == 16
    all_there = threading.Barrier(AT_ONCE, timeout=10)

    assert len(at_once(lambda _: all_there.wait(), range(AT_ONCE))) == AT_ONCE


def test_one_call_alone_is_made_by_the_caller_itself() -> None:
    [thread] = at_once(lambda _: threading.current_thread(), [1])

    assert thread is threading.current_thread()


def test_nothing_is_under_way_once_a_failure_is_raised() -> None:
    before = threading.active_count()

    with pytest.raises(ZeroDivisionError):
        at_once(lambda number: 1 // number, range(100))

    assert threading.active_count() == before
