"""Jobs that may not begin any more, or are called off while they run, in worlds that go wrong."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from tests.simulation.checkers import WITH_SWEEPER
from tests.simulation.history import History, Started, Wrote
from tests.simulation.job import Act
from tests.simulation.plan import JobPlan, Plan, Way, draw_plan
from tests.simulation.sweeping import sweep_all
from tests.simulation.world import World
from workerless.execution import expiring, not_begun
from workerless.record import Record
from workerless.states import State

_SCHEDULES = 300
_SOON = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 20, 60, 400))
_ACTS = (Act.HEED, Act.HEED, Act.RAISE, Act.SNOOZE, Act.TELL, Act.OVERSLEEP_AND_TELL, Act.KILL)


def draw_endings(seed: int) -> Plan:
    """Half of the jobs expire soon, half are called off, and their handlers heed it mostly."""
    rng = Random(f"endings {seed}")
    plan = draw_plan(rng)
    return replace(plan, jobs=tuple(_hurried(job, rng) for job in plan.jobs))


def _hurried(job: JobPlan, rng: Random) -> JobPlan:
    expires_in = rng.choice(_SOON) if rng.random() < 0.5 else None
    is_cancelled = rng.random() < 0.5
    return replace(
        job,
        way=Way.CLIENT,
        acts=tuple(rng.choice(_ACTS) for _ in range(rng.randint(1, 3))),
        delay=timedelta(0) if expires_in else job.delay,
        expires_in=expires_in,
        cancelled_after=timedelta(seconds=rng.randrange(40)) if is_cancelled else None,
        is_contested=False,
        forgotten_after=None,
    )


def play(seed: int) -> tuple[History, list[str]]:
    history = World(seed, plan=draw_endings(seed), sweep=sweep_all).run()
    return history, list(broken(history))


def broken(history: History) -> Iterator[str]:
    yield from no_job_begins_that_may_not(history)
    yield from only_who_may_not_begin_or_was_asked_is_cancelled(history)
    gone = {
        wrote.after.job_id for wrote in history.of(Wrote) if wrote.after.state is State.CANCELLED
    }
    for checker in WITH_SWEEPER:
        for what in checker(history):
            # What was cancelled is not kept for as long as a schedule may last.
            if "never recorded" not in what or what.split()[0] not in gone:
                yield f"{checker.__name__}: {what}"


def no_job_begins_that_may_not(history: History) -> Iterator[str]:
    """By the clock of its worker, and by what its claim could know."""
    claims = {one.token: one for one in history.of(Wrote) if one.call == "claim"}
    for started in history.of(Started):
        claim = claims[started.token]
        if claim.after.cancel_reason is not None:
            yield f"{started.job_id} began though it was called off before"
        if _is_too_late(claim.after, claim.now):
            yield f"{started.job_id} began too late"


def only_who_may_not_begin_or_was_asked_is_cancelled(history: History) -> Iterator[str]:
    for wrote in history.of(Wrote):
        before = wrote.before
        if wrote.after.state is not State.CANCELLED or before is None:
            continue
        is_asked = before.cancel_reason is not None
        if wrote.call == "cancel":
            is_asked = wrote.after.reason != not_begun.EXPIRED
        if not is_asked and not _is_too_late(before, wrote.now):
            yield f"{wrote.after.job_id} was cancelled, and nobody asked for it"


def _is_too_late(record: Record, now: Any) -> bool:
    is_first = record.first_started_at is None and record.attempt <= 1
    return record.start_by is not None and is_first and record.start_by <= now


def ends(history: History) -> Iterator[str]:
    """How jobs were cancelled: by whom, and whether they had begun."""
    for wrote in history.of(Wrote):
        if wrote.after.state is State.CANCELLED and wrote.before is not wrote.after:
            began = "begun" if wrote.after.started_at else "not begun"
            yield f"{wrote.call}, {began}, {wrote.after.reason == not_begun.EXPIRED}"


def test_no_job_begins_that_may_not_and_all_come_to_their_end() -> None:
    met: set[str] = set()
    for seed in range(_SCHEDULES):
        history, problems = play(seed)
        assert problems == [], f"seed {seed}\n{history.trace()}\n{problems}"
        met |= set(ends(history))

    assert met >= {
        "finish, begun, False",  # its handler heeded it
        "finish, not begun, False",  # it was called off when it last ran
        "finish, not begun, True",
        "cancel, not begun, True",  # by the sweeper
        "cancel, not begun, False",
    }


@pytest.mark.parametrize(
    ("fault", "owner", "name", "by"),
    [
        ("all may begin", not_begun, "not_begun", lambda _record, _now: None),
        ("whoever has begun expires", not_begun, "_had_begun", lambda _record: False),
        ("the sweeper ends what is not late", expiring, "has_run_out", lambda _record, _now: True),
    ],
)
def test_mutant_is_caught(
    fault: str, owner: Any, name: str, by: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, by)

    assert any(play(seed)[1] for seed in range(_SCHEDULES)), f"{fault} survives"
