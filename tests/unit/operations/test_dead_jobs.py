"""Dead jobs one at a time: looked at, retried, edited, done with; and all of it in the audit."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.operations.ward import DEAD, LOOSE, Ward
from workerless.errors import EnqueueRefusedError, JobNotFoundError, JobStateError
from workerless.search import Search
from workerless.states import State

HOUR = timedelta(hours=1)


def test_list_shows_why_each_job_failed() -> None:
    ward = Ward()
    ward.kill(3, tenant="acme")

    page = ward.operations.dead.list(Search(), limit=2)
    rest = ward.operations.dead.list(Search(), limit=2, cursor=page.cursor)

    assert (len(page.items), len(rest.items), rest.cursor) == (2, 1, None)
    first = page.items[0]
    assert (first.reason, first.error_type, first.attempts, first.tenant, first.moved_by_sqs) == (
        "attempts_exhausted",
        "OSError",
        1,
        "acme",
        False,
    )
    assert first.data is None


def test_list_gives_payloads_when_asked_to() -> None:
    ward = Ward()
    ward.kill(1)

    (one,) = ward.operations.dead.list(DEAD, with_data=True).items

    assert one.data == {"number": 0}


def test_job_that_no_handler_let_fail_is_told_apart() -> None:
    ward = Ward()
    ward.file(1)

    (one,) = ward.operations.dead.list(DEAD).items

    assert (one.reason, one.moved_by_sqs) == ("undeliverable", True)


def test_show_tells_all_there_is_to_know() -> None:
    ward = Ward()
    (job_id,) = ward.kill(1)

    found = ward.operations.dead.show(job_id)

    assert found.job.data == {"number": 0}
    assert [one.what for one in found.timeline] == ["enqueued", "started", "error", "failed"]
    assert "patient 0 is ill" in found.texts[0]
    assert "Traceback" in found.texts[0]
    assert '"number":0' in found.body


def test_retried_job_runs_again_and_its_timeline_says_so() -> None:
    ward = Ward()
    (job_id,) = ward.kill(1)

    record = ward.operations.dead.retry(job_id, why="try once more")
    ward.stage.run_all()

    assert (record.state, record.generation) == (State.PENDING, 2)
    found = ward.operations.dead.show(job_id)
    assert [one.what for one in found.timeline].count("retried") == 1
    assert len(found.errors) == 2


def test_job_retried_with_a_delay_runs_then() -> None:
    ward = Ward()
    (job_id,) = ward.kill(1)
    ward.cure()

    ward.operations.dead.retry(job_id, delay=HOUR)
    ward.stage.advance(HOUR - timedelta(minutes=1))
    before = list(ward.ran)
    ward.stage.advance(timedelta(minutes=2))

    assert (before, ward.ran) == ([], [0])


def test_edited_job_runs_with_its_new_payload() -> None:
    ward = Ward()
    (job_id,) = ward.kill(1)
    ward.cure()

    ward.operations.dead.retry(job_id, data={"number": 7})
    ward.stage.run_all()

    assert ward.ran == [7]
    assert ward.states() == {State.COMPLETED: 1}


@pytest.mark.parametrize(
    ("data", "field"),
    [({"number": "many"}, "data.number"), ({}, "data.number"), ({"number": 1, "x": 2}, "data.x")],
)
def test_edit_that_does_not_fit_is_refused_naming_the_field(
    data: dict[str, Any], field: str
) -> None:
    ward = Ward()
    (job_id,) = ward.kill(1)

    with pytest.raises(EnqueueRefusedError) as refused:
        ward.operations.dead.retry(job_id, data=data)

    assert refused.value.field == field
    assert "many" not in str(refused.value)
    assert ward.states() == {State.FAILED: 1}
    assert ward.operations.audit.list().items[0].outcome == "refused: EnqueueRefusedError"


def test_producer_that_repeats_itself_after_an_edit_finds_the_same_job() -> None:
    ward, key = Ward(), "visit-0"
    first = ward.stage.client.enqueue(ward.job_type, ward.payload(0), idempotency_key=key)
    ward.stage.run_all()
    ward.cure()
    ward.operations.dead.retry(first.id, data={"number": 7})

    for number in (0, 7):
        payload = ward.payload(number)
        again = ward.stage.client.enqueue(ward.job_type, payload, idempotency_key=key)
        assert (again.id, again.is_duplicate) == (first.id, True)
    ward.stage.run_all()

    assert ward.ran == [7]


def test_edit_without_the_declaration_is_refused_with_what_to_do() -> None:
    ward = Ward()
    (job_id,) = ward.kill(1)
    ward.declared.clear()

    with pytest.raises(EnqueueRefusedError, match="from a checkout"):
        ward.operations.dead.retry(job_id, data={"number": 1})


def test_job_that_cannot_be_read_runs_once_it_is_edited() -> None:
    ward = Ward()
    ward.file(1, body="not json")
    ward.cure()

    with pytest.raises(JobStateError, match="cannot be read"):
        ward.operations.dead.retry("filed-0")
    ward.operations.dead.retry("filed-0", data={"number": 5})
    ward.stage.run_all()

    assert ward.ran == [5]


@pytest.mark.parametrize("data", [None, {"number": 9}])
def test_untracked_job_runs_and_leaves_no_record(data: dict[str, Any] | None) -> None:
    ward = Ward(LOOSE)
    ward.file(1)
    ward.cure()

    ward.operations.dead.retry("filed-0", data=data)
    ward.stage.run_all()

    assert (ward.ran, ward.records()) == ([9 if data else 0], [])


def test_untracked_job_is_not_delayed_by_more_than_its_message_can_be() -> None:
    ward = Ward(LOOSE)
    ward.file(1)

    with pytest.raises(JobStateError, match="tracking of visit is off"):
        ward.operations.dead.retry("filed-0", delay=timedelta(minutes=16))

    assert ward.states() == {State.FAILED: 1}


@pytest.mark.parametrize("verb", ["discard", "archive"])
def test_job_that_nobody_wants_is_discarded_and_the_audit_says_by_whom(verb: str) -> None:
    ward = Ward()
    (job_id,) = ward.kill(1)

    record = getattr(ward.operations.acting_as("bob").dead, verb)(job_id, why="old")

    assert (record.state, record.reason) == (State.DISCARDED, "old")
    (entry,) = ward.operations.audit.list().items
    assert (entry.by, entry.verb, entry.on, entry.why, entry.outcome) == (
        "bob",
        verb,
        f"job {job_id}",
        "old",
        "done",
    )


def test_job_that_is_not_dead_is_left_alone() -> None:
    ward = Ward()
    ward.cure()
    ward.kill(1)
    dead, (job_id,) = ward.operations.dead, [one.job_id for one in ward.records()]

    for verb in (dead.show, dead.retry, lambda one: dead.discard(one, why="x")):
        with pytest.raises(JobStateError, match="completed"):
            verb(job_id)


@pytest.mark.parametrize("scope", [{"tenant": "other"}, {"job_type": "other"}])
def test_job_of_another_is_told_as_none_is(scope: dict[str, Any]) -> None:
    ward = Ward()
    (job_id,) = ward.kill(1, tenant="acme")
    dead = ward.operations.dead

    for verb in (dead.show, dead.retry, lambda one, **of: dead.discard(one, why="x", **of)):
        with pytest.raises(JobNotFoundError) as hidden:
            verb(job_id, **scope)
        with pytest.raises(JobNotFoundError) as absent:
            verb("nobody", **scope)
        assert str(hidden.value).replace(job_id, "nobody") == str(absent.value)


def test_jobs_of_ones_own_tenant_are_found() -> None:
    ward = Ward()
    (job_id,) = ward.kill(1, tenant="acme")

    assert ward.operations.dead.show(job_id, tenant="acme", job_type="visit").job.job_id == job_id
    assert ward.operations.jobs.get(job_id, tenant="acme").state is State.FAILED
    with pytest.raises(JobNotFoundError):
        ward.operations.jobs.get(job_id, tenant="other")


@pytest.mark.parametrize("delay", [timedelta(seconds=-1), timedelta(days=4_000)])
def test_delay_out_of_range_is_refused(delay: timedelta) -> None:
    with pytest.raises(EnqueueRefusedError, match="delay"):
        Ward().operations.dead.retry("job", delay=delay)


def test_waiting_job_is_cancelled_and_noted() -> None:
    ward = Ward()
    job = ward.stage.client.enqueue(ward.job_type, ward.payload(1), delay=HOUR)

    record = ward.operations.jobs.cancel(job.id, reason="not today")

    assert (record.state, record.reason) == (State.CANCELLED, "not today")
    with pytest.raises(JobStateError, match="failed"):
        ward.operations.jobs.cancel(ward.kill(1)[0], reason="too late")
    outcomes = [one.outcome for one in ward.operations.audit.list().items]
    assert outcomes == ["refused: JobStateError", "done"]


def test_who_dies_while_acting_leaves_an_entry_without_outcome() -> None:
    ward = Ward()
    (job_id,) = ward.kill(1)

    class Dead(BaseException):
        pass

    def die(*_: object) -> Any:
        raise Dead

    desk = ward.at(directory=replace_find(ward, die))
    with pytest.raises(Dead):
        ward.open(desk).dead.retry(job_id)

    (entry,) = ward.operations.audit.list().items
    assert (entry.verb, entry.outcome) == ("retry", None)


def replace_find(ward: Ward, find: Any) -> Any:
    class Directory:
        def __init__(self) -> None:
            self.find = find
            self.all = ward.desk.directory.all

    return Directory()
