"""A worker killed right before and right after each call it makes; a healthy one goes on."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import pytest

from tests.chaos import history
from tests.chaos.crew import Crew, Task
from tests.chaos.runner import KILLED, Death, Deed, Side, Work, begin, mortal
from workerless.record import Record
from workerless.states import State

pytestmark = pytest.mark.chaos

_SIDES: tuple[Side, ...] = ("before", "after")
_VICTIMS_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """What a worker calls, in order, for one message; ``attempts`` 1 makes the first the last."""

    deed: Deed
    attempts: int
    calls: tuple[str, ...]
    is_bare: bool = False

    @property
    def finish(self) -> int:
        """Which call writes down how the attempt ended."""
        return len(self.calls) - self.calls[::-1].index(_FINISH)


_CLAIMED = 1
_CLAIM, _PROGRESS, _FINISH = "UpdateItem", "UpdateItem", "UpdateItem"
# What multiprocessing tells of a process that died before its fork server could say how.
_STATUS_LOST = 255
_HIDE, _LETTER, _ACK = "ChangeMessageVisibilityBatch", "SendMessageBatch", "ack"
PATHS = {
    "complete": Path(deed="progress", attempts=2, calls=(_CLAIM, _PROGRESS, _FINISH, _ACK)),
    "complete_last": Path(deed="progress", attempts=1, calls=(_CLAIM, _PROGRESS, _FINISH, _ACK)),
    "raise": Path(deed="raise", attempts=2, calls=(_CLAIM, _FINISH, _HIDE)),
    "raise_last": Path(deed="raise", attempts=1, calls=(_CLAIM, _FINISH, _LETTER, _ACK)),
    "bare": Path(
        deed="progress",
        attempts=2,
        calls=("PutItem", _PROGRESS, _FINISH, _ACK),
        is_bare=True,
    ),
}
CASES = [
    (name, Death(call=call, side=side))
    for name, path in PATHS.items()
    for call, side in product(range(1, len(path.calls) + 1), _SIDES)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of one task: ``exit_code`` is its victim's."""

    exit_code: int | None
    calls: Sequence[str]
    record: Record
    letters: int


@pytest.fixture(scope="module")
def ended(crew: Crew) -> dict[tuple[str, Death], Ended]:
    """All cases at once: first every victim, then one healthy worker for all they left."""
    tasks = {case: _task(crew, PATHS[case[0]]) for case in CASES}

    def kill(case: tuple[str, Death]) -> int | None:
        victim = begin(crew.orders([tasks[case]], death=case[1]))
        victim.join()
        return victim.exitcode

    with ThreadPoolExecutor(_VICTIMS_AT_ONCE) as pool:
        exit_codes = dict(zip(CASES, pool.map(kill, CASES), strict=True))
    calls = {case: task.calls() for case, task in tasks.items()}
    healthy = begin(crew.orders(list(tasks.values()), messages=10_000, watched=False))
    try:
        crew.wait_until_at_rest(list(tasks.values()))
    finally:
        healthy.terminate()
        healthy.join()
    return {
        case: Ended(
            exit_code=exit_codes[case],
            calls=calls[case],
            record=crew.record(task),
            letters=crew.messages(task, "dead_letters"),
        )
        for case, task in tasks.items()
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1].side}-{case[1].call}")
def test_job_whose_worker_was_killed_there_ends_as_it_should(
    ended: dict[tuple[str, Death], Ended], case: tuple[str, Death]
) -> None:
    name, death = case
    path, end = PATHS[name], ended[case]

    assert end.exit_code in (KILLED, _STATUS_LOST)
    assert tuple(end.calls) == path.calls[: death.call]
    assert (end.record.state, end.record.reason) == expected(path, death)
    assert (end.letters > 0) == (end.record.state is State.FAILED)


def test_no_kill_made_a_record_change_against_the_rules(
    ended: dict[tuple[str, Death], Ended], crew: Crew
) -> None:
    ours = {end.record.job_id for end in ended.values()}
    changes = [change for change in crew.cloud.changes() if change.job_id in ours]

    assert len({change.job_id for change in changes}) == len(CASES)
    assert history.violations(changes) == []


def expected(path: Path, death: Death) -> tuple[State, str | None]:
    """A last attempt that died with its claim written and its end not is a crash loop."""
    written = death.call - (1 if death.side == "before" else 0)  # calls that came through
    is_amidst = _CLAIMED <= written < path.finish
    if path.attempts == 1 and is_amidst:
        return State.FAILED, "crash_loop"
    if path.deed == "raise":
        return State.FAILED, "attempts_exhausted"
    return State.COMPLETED, None


def _task(crew: Crew, path: Path) -> Task:
    work = Work(deed=path.deed)
    if path.is_bare:
        return crew.bare_task(mortal.name, work)
    return crew.task(mortal.name, work, attempts=path.attempts)
