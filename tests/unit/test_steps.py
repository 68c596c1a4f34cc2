"""steps: what was given once is given again, and what cannot be kept is refused."""

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from workerless.execution.steps import MAX_STEPS_CHARACTERS, Steps
from workerless.signals import LeaseLost


class Notes:
    """What was saved; ``owns`` says whether the job is still ours."""

    def __init__(self) -> None:
        self.saved: list[Mapping[str, str]] = []
        self.owns = True

    def save(self, steps: Mapping[str, str]) -> bool:
        self.saved.append(dict(steps))
        return self.owns


@pytest.fixture
def notes() -> Notes:
    return Notes()


def test_step_runs_once_and_gives_the_same_ever_after(notes: Notes) -> None:
    numbers = count(1)
    first = Steps({}, notes.save)

    given = [first.once("charge", lambda: next(numbers)) for _ in "ab"]
    later = Steps(notes.saved[-1], notes.save).once("charge", lambda: next(numbers))

    assert (given, later, len(notes.saved)) == ([1, 1], 1, 1)


def test_value_is_what_json_makes_of_it_from_the_first_time_on(notes: Notes) -> None:
    assert Steps({}, notes.save).once("pair", lambda: (1, "a")) == [1, "a"]


def test_each_note_holds_the_ones_before(notes: Notes) -> None:
    steps = Steps({"a": "1"}, notes.save)

    steps.once("b", lambda: 2)
    steps.once("c", lambda: 3)

    assert notes.saved == [{"a": "1", "b": "2"}, {"a": "1", "b": "2", "c": "3"}]


def test_coroutine_is_awaited_once(notes: Notes) -> None:
    steps, runs = Steps({}, notes.save), list[int]()

    async def charge() -> str:
        runs.append(1)
        return "ch_1"

    async def job() -> list[str]:
        return [await steps.once_async("charge", charge) for _ in "ab"]

    assert asyncio.run(job()) == ["ch_1", "ch_1"]
    assert runs == [1]


def test_steps_of_many_threads_are_all_kept() -> None:
    stored: dict[str, str] = {}
    together = threading.Barrier(8)

    def save(steps: Mapping[str, str]) -> bool:
        kept = dict(steps)
        threading.Event().wait(0.001)  # others may come in between
        stored.clear()
        stored.update(kept)
        return True

    steps = Steps({}, save)

    def run(number: int) -> None:
        together.wait(timeout=10)
        steps.once(f"item {number}", lambda: number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(8)))

    assert stored == {f"item {number}": str(number) for number in range(8)}


def test_key_runs_once_though_several_threads_ask(notes: Notes) -> None:
    steps, numbers = Steps({}, notes.save), count(1)

    def slowly() -> int:
        threading.Event().wait(0.01)
        return next(numbers)

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda _: steps.once("charge", slowly), range(4)))

    assert given == [1, 1, 1, 1]


def test_key_is_awaited_once_though_several_tasks_ask(notes: Notes) -> None:
    steps, numbers = Steps({}, notes.save), count(1)

    async def slowly() -> int:
        await asyncio.sleep(0)
        return next(numbers)

    async def job() -> list[int]:
        given: list[int] = await asyncio.gather(
            *(steps.once_async("charge", slowly) for _ in range(3))
        )
        return given

    assert asyncio.run(job()) == [1, 1, 1]


def test_step_of_an_attempt_that_was_taken_over_stops_there(notes: Notes) -> None:
    notes.owns = False
    steps = Steps({}, notes.save)

    with pytest.raises(LeaseLost):
        steps.once("charge", lambda: 1)
    with pytest.raises(LeaseLost):
        steps.once("charge", lambda: 1)


@pytest.mark.parametrize("key", ["", "a" * 101, "line\nbreak"])
def test_strange_key_is_refused_before_the_step_runs(notes: Notes, key: str) -> None:
    runs: list[int] = []

    with pytest.raises(ValueError, match="1 to 100 printable characters"):
        Steps({}, notes.save).once(key, lambda: runs.append(1))

    assert runs == []


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (object(), "must give JSON"),
        (float("nan"), "must give JSON"),
        ("x" * 70_000, "at most 65536"),
    ],
)
def test_result_that_cannot_be_kept_is_refused(notes: Notes, value: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Steps({"a": "1"}, notes.save).once("b", lambda: value)

    assert notes.saved == []


def test_steps_fit_up_to_their_limit(notes: Notes) -> None:
    value = "x" * (MAX_STEPS_CHARACTERS - len('"') * 2 - len("key"))

    assert Steps({}, notes.save).once("key", lambda: value) == value
