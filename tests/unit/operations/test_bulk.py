"""Bulk operations: every dead job that is meant is done once, and counted."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from tests.unit.operations.ward import DEAD, LOOSE, Ward
from workerless.errors import (
    JobStateError,
    OperationNotFoundError,
)
from workerless.ledger import Counts, Kind, Stand
from workerless.operations.bulk import estimated_end
from workerless.operator_ports import OperatorStore
from workerless.search import Hits, Search
from workerless.states import State

SECOND = timedelta(seconds=1)


def test_every_dead_job_runs_again_and_its_letter_goes() -> None:
    ward = Ward()
    ward.kill(60)
    ward.cure()

    ward.operations.bulk.start(Kind.RETRY, DEAD, why="fixed")
    done = ward.drive()

    assert (done.stand, done.counts) == (Stand.DONE, Counts(total=60, done=60, letters=60))
    assert ward.letters() == 0
    ward.stage.run_all()
    assert sorted(ward.ran) == list(range(60))
    assert ward.states() == {State.COMPLETED: 60}


def test_job_that_fails_again_is_not_taken_again() -> None:
    ward = Ward()
    ward.kill(5)

    ward.operations.bulk.start(Kind.RETRY, DEAD)
    ward.stage.run_all()
    done = ward.drive()
    ward.stage.run_all()
    ward.drive()

    assert done.counts.done == 5
    assert {(one.state, one.generation) for one in ward.records()} == {(State.FAILED, 2)}


def test_job_that_failed_after_the_start_is_left_alone() -> None:
    ward = Ward()
    ward.kill(2)
    ward.operations.bulk.start(Kind.RETRY, DEAD)
    late = ward.kill(3)

    ward.cure()
    ward.drive()
    ward.stage.run_all()

    failed = {one.job_id for one in ward.records() if one.state is State.FAILED}
    assert failed == set(late)


@pytest.mark.parametrize(
    ("kind", "state"), [(Kind.DISCARD, State.DISCARDED), (Kind.ARCHIVE, State.DISCARDED)]
)
def test_dead_jobs_are_done_with(kind: Kind, state: State) -> None:
    ward = Ward()
    ids = ward.kill(12, tenant="acme")
    others = ward.kill(3)

    ward.operations.bulk.start(kind, replace(DEAD, tenant="acme"), why="old news")
    done = ward.drive()

    assert done.counts == Counts(total=12, done=12, letters=12)
    ended = {one.job_id: one for one in ward.records()}
    assert {ended[job_id].state for job_id in ids} == {state}
    assert all("old news" in (ended[job_id].reason or "") for job_id in ids)
    assert {ended[job_id].state for job_id in others} == {State.FAILED}
    assert ward.letters() == 3
    kept = ward.stage.doubles.blobs.keys()
    files = [key for key in kept if key.startswith("archive/")]
    assert len(files) == (12 if kind is Kind.ARCHIVE else 0)


def test_jobs_that_wait_are_cancelled() -> None:
    ward = Ward()
    ward.stage.client.enqueue_many(
        ward.job_type, [ward.payload(n) for n in range(7)], delay=timedelta(hours=2)
    )
    ward.clock.advance(SECOND)

    ward.operations.bulk.start(Kind.CANCEL, DEAD, why="not today")
    done = ward.drive()

    assert done.counts == Counts(total=7, done=7)
    assert ward.states() == {State.CANCELLED: 7}


def test_untracked_jobs_are_sent_and_what_was_filed_of_them_goes() -> None:
    ward = Ward(LOOSE)
    ward.file(4)
    ward.cure()

    ward.operations.bulk.start(Kind.RETRY, DEAD)
    done = ward.drive()
    ward.stage.run_all()

    assert (done.counts.done, done.counts.failed) == (4, 0)
    assert sorted(ward.ran) == [0, 1, 2, 3]
    assert ward.records() == []


def test_rate_is_held_to_across_calls() -> None:
    ward = Ward()
    ward.kill(100)
    ward.operations.bulk.start(Kind.RETRY, DEAD, rate=5.0)

    after = [ward.drive(seconds=10).counts.done for _ in range(3)]

    assert all(abs(done - 50 * nth) <= 5 for nth, done in zip((1, 2, 2), after, strict=True))


def test_slow_rate_is_not_waited_for() -> None:
    ward = Ward()
    ward.kill(3)
    ward.operations.bulk.start(Kind.RETRY, DEAD, rate=0.02)
    began = ward.clock.now()

    done = ward.drive(seconds=600)

    assert done.counts.done == 1
    assert ward.clock.now() - began < timedelta(seconds=15)


def test_aborted_operation_takes_no_more_and_goes_on_once_resumed() -> None:
    ward = Ward()
    ward.kill(40)
    bulk = ward.operations.bulk
    started = bulk.start(Kind.RETRY, DEAD, rate=10.0)
    ward.drive(seconds=2)

    aborted = bulk.abort(started.operation_id, why="wait")
    still = ward.drive()
    ward.clock.advance(timedelta(minutes=1))
    resumed = bulk.resume(started.operation_id)
    done = ward.drive()

    assert (aborted.stand, aborted.ended_because) == (Stand.ABORTED, "aborted by ada: wait")
    assert 0 < still.counts.done < 40
    assert resumed.stand is Stand.RUNNING
    assert (done.stand, done.counts.done) == (Stand.DONE, 40)


def test_abort_and_resume_show_in_the_audit() -> None:
    ward = Ward()
    ward.kill(9)
    bulk = ward.operations.bulk
    started = bulk.start(Kind.RETRY, DEAD, rate=2.0)
    ward.drive(seconds=1)

    bulk.abort(started.operation_id, why="wait")
    aborted = {one.verb: (one.outcome, one.why) for one in ward.ledger.entries().items}
    bulk.resume(started.operation_id)
    resumed = {one.verb: one.outcome for one in ward.ledger.entries().items}

    assert aborted == {"bulk retry": ("aborted", None), "abort operation": ("done", "wait")}
    assert resumed == {"bulk retry": None, "abort operation": "done", "resume operation": "done"}


class MovingIndex:
    """A store whose first search passes a job by: the sweeper had just put it off."""

    def __init__(self, store: Any, passed_by: str) -> None:
        self._store = store
        self._passed_by = passed_by
        self.searches = 0

    def search(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits:
        self.searches += 1
        hits: Hits = self._store.search(search, limit=limit, cursor=cursor)
        rows = [row for row in hits.rows if self.searches > 1 or row.job_id != self._passed_by]
        return replace(hits, rows=tuple(rows))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_job_that_the_search_passes_by_is_cancelled_too() -> None:
    ward = Ward()
    jobs = ward.stage.client.enqueue_many(
        ward.job_type, [ward.payload(n) for n in range(3)], delay=timedelta(hours=2)
    )
    ward.clock.advance(SECOND)
    started = ward.operations.bulk.start(Kind.CANCEL, DEAD)
    index = MovingIndex(ward.desk.store, jobs[1].id)

    desk = ward.at(store=cast("OperatorStore", index))
    done = ward.open(desk).bulk.advance(started.operation_id, lambda: True)

    assert (done.stand, done.counts) == (Stand.DONE, Counts(total=3, done=3))


def test_done_operation_is_neither_aborted_nor_resumed() -> None:
    ward = Ward()
    ward.kill(1)
    started = ward.operations.bulk.start(Kind.DISCARD, DEAD)
    ward.drive()

    with pytest.raises(JobStateError, match="done"):
        ward.operations.bulk.abort(started.operation_id, why="too late")
    with pytest.raises(JobStateError, match="done"):
        ward.operations.bulk.resume(started.operation_id)


def test_unknown_operation_is_not_found() -> None:
    bulk = Ward().operations.bulk

    for ask in (bulk.get, bulk.resume, lambda one: bulk.abort(one, why="x")):
        with pytest.raises(OperationNotFoundError):
            ask("nothing")


def test_dry_run_counts_and_changes_nothing() -> None:
    ward = Ward()
    ward.kill(9)

    count = ward.operations.bulk.count(Kind.RETRY, DEAD)

    assert (count.number, count.at_least) == (9, False)
    assert ward.states() == {State.FAILED: 9}
    assert ward.ledger.operations().items == ()


def test_operation_is_in_the_audit_before_it_acts_and_completed_after() -> None:
    ward = Ward()
    ward.kill(2)

    ward.operations.bulk.start(Kind.RETRY, replace(DEAD, tenant=None), why="fixed")
    (before,) = ward.operations.audit.list().items
    ward.drive()
    (after,) = ward.operations.audit.list().items

    assert (before.by, before.verb, before.on, before.why) == (
        "ada",
        "bulk retry",
        "job type visit",
        "fixed",
    )
    assert (before.outcome, after.outcome, after.number) == (None, "done", 2)


def test_job_without_a_readable_body_is_told_of_and_stays() -> None:
    ward = Ward()
    ward.file(1, body="not json")

    ward.operations.bulk.start(Kind.RETRY, DEAD)
    done = ward.drive()

    assert (done.counts.done, done.counts.failed) == (0, 1)
    assert "cannot be read" in next(iter(done.problems.values()))
    assert ward.states() == {State.FAILED: 1}


def test_operation_that_cannot_be_driven_holds_up_no_other() -> None:
    ward = Ward()
    ward.kill(3)
    stuck = ward.operations.bulk.start(Kind.RETRY, replace(DEAD, job_type="visit"))
    ward.ledger.save(replace(stuck, search=replace(stuck.search, job_type="gone")))
    ward.operations.bulk.start(Kind.DISCARD, DEAD)

    ward.drive()

    assert ward.states() == {State.DISCARDED: 3}


def test_end_is_estimated_from_the_pace_so_far() -> None:
    ward = Ward()
    ward.kill(100)
    started = ward.operations.bulk.start(Kind.RETRY, DEAD, rate=5.0)

    assert estimated_end(started, ward.clock.now()) is None
    half = ward.drive(seconds=10)

    end = estimated_end(half, ward.clock.now())
    assert end is not None
    assert abs((end - ward.clock.now()).total_seconds() - 10) < 2
