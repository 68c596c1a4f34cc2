"""The ticker: from what Scheduler sends to a job that knows its tick."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.schedule.at_nine import HOUR, a_plan, at
from workerless import JobType, Payload, Tracking
from workerless.errors import WorkerlessError
from workerless.message import read
from workerless.ports import SendFailure
from workerless.schedule.plan import Plan, read_plan, write_plan
from workerless.schedule.schedule import Overlap
from workerless.schedule.stand import Outcome
from workerless.schedule.tick_message import SCHEDULED_TIME, read_tick, tick_input
from workerless.schedule.when import Cron
from workerless.testing.doubles import Doubles
from workerless.testing.memory import FakeClock
from workerless.ticker import take_all


class Report(Payload):
    """A report."""

    of: str


@pytest.fixture
def doubles() -> Doubles:
    made = Doubles(FakeClock(at(9)))
    made.add(JobType(name="report", payload=Report))
    return made


def a_record(plan: Plan, time: str = "2026-06-01T09:00:00Z", **changes: Any) -> dict[str, Any]:
    sent_ms = int(datetime(2026, 6, 1, 9, 0, 7, tzinfo=UTC).timestamp() * 1000)
    return {
        "messageId": "m1",
        "body": tick_input(plan).replace(SCHEDULED_TIME, time),
        "attributes": {"SentTimestamp": str(sent_ms)},
        **changes,
    }


def test_tick_becomes_a_job_that_knows_what_it_is_for(doubles: Doubles) -> None:
    plan = a_plan(tenant="acme", tags=("a",), expires_in=HOUR, search_keys={"of": "0123"})

    assert take_all([a_record(plan)], doubles.ticking()) == {"batchItemFailures": []}
    (record,) = doubles.store.records()
    assert (record.job_id, record.tenant, record.tags) == (plan.job_id(at(9)), "acme", ("a",))
    assert (record.max_attempts, record.search_keys) == (5, {"of": "0123"})
    assert record.start_by == at(10)
    (body,) = [one.body for one in doubles.queue.messages("workerless-test-report")]
    message = read(body, job_type="report", message_id="x")
    assert message.data == {"of": "acme"}
    assert message.schedule is not None
    assert (message.schedule.time, message.schedule.after) == (at(9), at(8))
    assert message.schedule.schedule_id == "report-hourly"


def test_tick_that_comes_twice_is_one_job_with_one_message(doubles: Doubles) -> None:
    for _ in range(3):
        take_all([a_record(a_plan())] * 3, doubles.ticking())

    assert len(list(doubles.store.records())) == 1
    assert len(doubles.queue.messages("workerless-test-report")) == 1


def test_time_that_an_emulator_left_out_is_that_of_the_last_tick(doubles: Doubles) -> None:
    tick = read_tick(a_record(a_plan(), SCHEDULED_TIME))

    assert tick.time == at(9)


def test_message_long_after_the_last_tick_begins_a_schedule_that_missed_nothing(
    doubles: Doubles,
) -> None:
    plan = a_plan(when=Cron("0 3 * * *"))

    assert take_all([a_record(plan, SCHEDULED_TIME)], doubles.ticking()) == {
        "batchItemFailures": []
    }
    assert list(doubles.store.records()) == []
    (stand,) = doubles.stands.read_many([plan.schedule_id])
    assert stand is not None
    assert stand.runs == ()


def test_payload_that_looks_like_an_attribute_is_left_alone() -> None:
    plan = a_plan(data={"of": f"{SCHEDULED_TIME} <b>"})

    assert tick_input(plan).count("<") == 1
    assert read_tick(a_record(plan)).plan == plan


@pytest.mark.parametrize(
    "body",
    [
        "",
        "7",
        "{}",
        '{"plan": {}, "scheduled_time": "2026-06-01T09:00:00Z"}',
        json.dumps({"plan": write_plan(a_plan()), "scheduled_time": "nine"}),
        json.dumps({"plan": write_plan(a_plan()), "scheduled_time": "2026-06-01T09:00:00"}),
        json.dumps({"plan": write_plan(a_plan()), "scheduled_time": 7}),
    ],
)
def test_what_is_no_tick_comes_back_and_holds_up_no_other(body: str, doubles: Doubles) -> None:
    records = [a_record(a_plan(), body=body, messageId="bad"), a_record(a_plan())]

    answer = take_all(records, doubles.ticking())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert len(list(doubles.store.records())) == 1
    assert [one.event for one in doubles.telemetry.troubles] == ["tick_failed"]


def test_tick_for_a_job_type_that_is_not_there_comes_back(doubles: Doubles) -> None:
    plan = a_plan(schedule_id="lost-hourly", job_type="lost")

    assert take_all([a_record(plan)], doubles.ticking())["batchItemFailures"] != []
    (stand,) = doubles.stands.read_many(["lost-hourly"])
    assert stand is not None
    assert [run.outcome for run in stand.undone] == [Outcome.DUE]
    assert stand.look_at == at(9, 1)


def test_tick_of_a_deleted_schedule_is_told_and_gone(doubles: Doubles) -> None:
    record = a_record(a_plan(schedule_id="report--acme"))

    assert take_all([record], doubles.ticking()) == {"batchItemFailures": []}
    assert [one.event for one in doubles.telemetry.troubles] == ["schedule_unknown"]


@pytest.mark.parametrize(("tracking", "left"), [(Tracking.FULL, 0), (Tracking.OFF, 1)])
def test_message_that_was_not_sent_is_left_to_who_can_send_it(
    tracking: Tracking, left: int, doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweeper of jobs sends what has a record; else the schedule's own does."""
    failure = SendFailure(code="InternalError", message="")
    with monkeypatch.context() as patch:
        patch.setattr(doubles.queue, "send_many", lambda address, some: [failure for _ in some])
        take_all([a_record(a_plan(tracking=tracking, overlap=Overlap.ALLOW))], doubles.ticking())

    (stand,) = doubles.stands.read_many(["report-hourly"])
    assert stand is not None
    assert len(stand.undone) == left
    assert len(list(doubles.store.records())) == 1 - left


def test_payload_that_was_changed_makes_no_second_job_of_a_tick(doubles: Doubles) -> None:
    take_all([a_record(a_plan())], doubles.ticking())
    (stand,) = doubles.stands.read_many(["report-hourly"])
    assert stand is not None
    doubles.stands.delete(stand)

    take_all([a_record(a_plan(data={"of": "other"}))], doubles.ticking())
    assert [one.event for one in doubles.telemetry.troubles] == ["tick_has_another_job"]
    assert len(list(doubles.store.records())) == 1


def test_plan_is_read_as_it_was_written_and_leaves_out_what_it_does_not_know() -> None:
    plan = a_plan(
        start=at(1), end=at(2), spread=timedelta(minutes=3), lane="high", data={}, tags=("a",)
    )

    assert read_plan(json.dumps(write_plan(plan))) == plan
    assert read_plan({**write_plan(plan), "later": 1}) == plan
    with pytest.raises(WorkerlessError, match="no plan"):
        read_plan("[]")
