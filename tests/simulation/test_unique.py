"""Unique jobs in worlds that go wrong: of one key never two stand beside each other."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulation import message_checkers as message
from tests.simulation import unique_checkers as unique
from tests.simulation.history import History, Wrote
from tests.simulation.sweeping import sweep_all
from tests.simulation.unique_plan import RULES, draw_unique
from tests.simulation.world import World
from workerless import placing
from workerless.execution import batch
from workerless.frozen import replace
from workerless.testing.flow import unique as double
from workerless.uniqueness import Fresh, Same, meet

_SCHEDULES = 600
_OTHERS = (
    *unique.OTHERS,
    message.nothing_unexpected_is_raised,
    message.the_world_comes_to_rest,
    message.every_job_ends,
)


def play(seed: int) -> tuple[History, list[str]]:
    world = World(seed, plan=draw_unique(seed), sweep=sweep_all)
    history = world.run()
    return history, list(broken(history, RULES[seed % len(RULES)]))


def broken(history: History, rule: Any) -> Iterator[str]:
    yield from unique.at_most_one_stands(history, rule)
    yield from unique.every_run_has_the_payload_of_its_record(history)
    yield from unique.no_payload_is_replaced_once_its_job_has_begun(history)
    yield from unique.keys_never_change(history)
    for checker in _OTHERS:
        yield from (f"{checker.__name__}: {what}" for what in checker(history))


def test_no_two_of_a_key_stand_beside_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    met: set[str] = set()
    cells: set[tuple[str, str]] = set()
    for seed in range(_SCHEDULES):
        history, problems = play(seed)
        assert problems == [], f"seed {seed}\n{history.trace()}\n{problems}"
        met |= {change(one) for one in history.of(Wrote) if one.call == "place"}
        cells |= set(history.cells)

    assert met == {"new", "replaced", "superseded"}
    for fault in ("crash before", "crash after", "answer lost", "answer lost, repeated"):
        assert {("place", fault), ("look for its like", fault)} <= cells


def change(wrote: Wrote) -> str:
    if wrote.before is None:
        return "new"
    return "superseded" if wrote.after.state.is_terminal else "replaced"


def _meets_nobody(*args: Any, **options: Any) -> Any:
    meeting = placing_meet(*args, **options)
    return Fresh(run_at=options["now"]) if isinstance(meeting, Same) else meeting


def _unseen(self: Any, place: Any) -> bool:
    """Whoever comes last is the last of its key, whatever has happened since it looked."""
    self._last.pop(("task", place.record.unique_key), None)
    return bool(double_place(self, replace(place, known=replace(place.known, last_id=None))))


def _of_the_message(run: Any, runtime: Any) -> Any:
    return run, batch_payload(replace(run, record=replace(run.record, former_digests=())), runtime)[
        1
    ]


placing_meet = meet
double_place = double.InMemoryUniqueStore._place  # noqa: SLF001 -- mutants reach anywhere
batch_payload = batch.payload_of


@pytest.mark.parametrize(
    ("fault", "owner", "name", "by"),
    [
        ("a job meets nobody", placing, "meet", _meets_nobody),
        ("the last of a key is not looked at again", double.InMemoryUniqueStore, "_place", _unseen),
        ("a message's own payload is run", batch, "payload_of", _of_the_message),
    ],
)
def test_mutant_is_caught(
    fault: str, owner: Any, name: str, by: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, by)

    assert any(play(seed)[1] for seed in range(_SCHEDULES)), f"{fault} survives"
