"""An attempt that oversleeps its lease and wakes when a newer one has started, or has ended.

Whatever it does then, the newer one wins.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

import pytest

from tests.chaos import history
from tests.chaos.crew import Crew
from tests.chaos.runner import Deed, Work, begin, sleeper, wait_for
from workerless.record import Record
from workerless.states import State

pytestmark = pytest.mark.chaos

type Moment = Literal["started", "ended"]
type Case = tuple[Deed, Moment]

_DEEDS: tuple[Deed, ...] = ("return", "progress", "step", "raise", "fail")
_MOMENTS: tuple[Moment, ...] = ("started", "ended")
CASES: list[Case] = list(product(_DEEDS, _MOMENTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of one job, and what its zombie called from its claim on."""

    record: Record
    zombie: list[str]
    letters: int


@pytest.fixture(scope="module")
def ended(crew: Crew, tmp_path_factory: pytest.TempPathFactory) -> Mapping[Case, Ended]:
    """All cases at once: each mostly waits for a lease to end."""

    def play(case: Case) -> Ended:
        return _play(crew, case, tmp_path_factory.mktemp("signs"))

    with ThreadPoolExecutor(len(CASES)) as pool:
        return dict(zip(CASES, pool.map(play, CASES), strict=True))


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_newer_attempt_wins_over_a_zombie(ended: Mapping[Case, Ended], case: Case) -> None:
    end = ended[case]

    assert (end.record.state, end.record.attempt) == (State.COMPLETED, 2)
    assert end.record.result == '{"attempt":2}'
    assert end.record.errors == ()
    assert end.record.progress is None
    assert end.letters == 0
    # It claimed, tried to write once, and acknowledged nothing. A step that was refused looks why.
    looks = ["BatchGetItem"] if case[0] == "step" else []
    assert sorted(end.zombie) == [*looks, "UpdateItem", "UpdateItem"]


def test_no_zombie_changed_a_record_against_the_rules(
    ended: Mapping[Case, Ended], crew: Crew
) -> None:
    ours = {end.record.job_id for end in ended.values()}
    changes = [change for change in crew.cloud.changes() if change.job_id in ours]

    assert len({change.job_id for change in changes}) == len(CASES)
    assert history.violations(changes) == []


def _play(crew: Crew, case: Case, signs: Path) -> Ended:
    deed, moment = case
    task = crew.task(sleeper.name, Work(deed=deed, signs=str(signs)), attempts=2)
    zombie = begin(crew.orders([task]))
    wait_for(signs / "asleep 1")
    newer = begin(crew.orders([task], messages=10_000, watched=False))
    wait_for(signs / "asleep 2")
    if moment == "ended":
        (signs / "wake 2").touch()
        crew.wait_until_at_rest([task])
    (signs / "wake 1").touch()
    zombie.join()
    calls = task.calls()
    (signs / "wake 2").touch()
    crew.wait_until_at_rest([task])
    newer.terminate()
    newer.join()
    return Ended(
        record=crew.record(task), zombie=calls, letters=crew.messages(task, "dead_letters")
    )
