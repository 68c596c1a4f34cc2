"""publisher: from the table's stream to a bus, in order, again where it did not take one."""

from collections.abc import Sequence
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from functions.publisher.handler import handler
from workerless.aws.bus import EventBridgeBus
from workerless.aws.item import to_item
from workerless.lifecycle_event import JobChange, job_event
from workerless.lifecycle_ports import Announcement
from workerless.publisher import Publishing, publish_all
from workerless.record import Record
from workerless.states import State
from workerless.testing.sample import a_record
from workerless.testing.telemetry import RecordingTelemetry

ENDS = frozenset({JobChange.COMPLETED, JobChange.FAILED})


class Bus:
    """Takes so many events, and no more."""

    def __init__(self, room: int = 1_000) -> None:
        self.room = room
        self.told: list[tuple[str, str]] = []

    def put_many(self, announcements: Sequence[Announcement]) -> int:
        taken = announcements[: self.room]
        self.told += [(one.kind.value, one.event.job_id) for one in taken]
        return len(taken)


def entry(number: int, before: Record | None, after: Record | None) -> dict[str, Any]:
    images = {"OldImage": before, "NewImage": after}
    told = {name: to_item(one) for name, one in images.items() if one is not None}
    return {"eventName": "MODIFY", "dynamodb": {"SequenceNumber": str(number), **told}}


def ended(number: int, state: State = State.COMPLETED) -> dict[str, Any]:
    job_id = f"job-{number}"
    running = a_record(job_id, state=State.PROCESSING, attempt=1)
    return entry(number, running, a_record(job_id, state=state, attempt=1))


@pytest.fixture
def telemetry() -> RecordingTelemetry:
    return RecordingTelemetry()


def world(bus: Any, telemetry: RecordingTelemetry) -> Publishing:
    return Publishing(bus=bus, telemetry=telemetry, stage="test", kinds=ENDS)


def test_ends_are_told_in_their_order_and_nothing_else(telemetry: RecordingTelemetry) -> None:
    bus = Bus()
    records = [ended(1), ended(2, State.DISCARDED), ended(3, State.FAILED)]
    records.append(entry(4, None, a_record("job-4")))

    answer = publish_all(records, world(bus, telemetry))

    assert answer == {"batchItemFailures": []}
    assert bus.told == [("Job Completed", "job-1"), ("Job Failed", "job-3")]


def test_lambda_comes_again_with_the_first_that_the_bus_did_not_take(
    telemetry: RecordingTelemetry,
) -> None:
    bus = Bus(room=1)

    answer = publish_all([ended(1), ended(2), ended(3)], world(bus, telemetry))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert bus.told == [("Job Completed", "job-1")]


def test_item_that_is_no_record_holds_up_no_other(telemetry: RecordingTelemetry) -> None:
    bus = Bus()
    strange = {"dynamodb": {"SequenceNumber": "1", "NewImage": {"pk": {"S": "JOB#x"}}}}

    answer = publish_all([strange, entry(2, None, None), ended(3)], world(bus, telemetry))

    assert answer == {"batchItemFailures": []}
    assert bus.told == [("Job Completed", "job-3")]
    assert [one.event for one in telemetry.troubles] == ["stream_unreadable"] * 2


class Client:
    """A bus that refuses some events."""

    def __init__(self, *refused: int, is_down: bool = False) -> None:
        self.refused, self.is_down = refused, is_down
        self.calls: list[list[dict[str, Any]]] = []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 -- AWS'
        if self.is_down:
            raise ClientError({"Error": {"Code": "InternalException"}}, "PutEvents")
        first = sum(map(len, self.calls))
        self.calls.append(Entries)
        numbers = range(first, first + len(Entries))
        return {
            "Entries": [
                {"ErrorCode": "ThrottlingException"} if number in self.refused else {"EventId": "e"}
                for number in numbers
            ]
        }


@pytest.mark.parametrize(
    ("client", "taken", "calls"),
    [
        (Client(), 25, [10, 10, 5]),
        (Client(12), 12, [10, 10]),
        (Client(0), 0, [10]),
        (Client(is_down=True), 0, []),
    ],
)
def test_bus_is_told_ten_a_call_until_it_refuses_one(
    client: Client, taken: int, calls: list[int], telemetry: RecordingTelemetry
) -> None:
    one = Announcement(
        kind=JobChange.COMPLETED,
        event=job_event(JobChange.COMPLETED, a_record(state=State.COMPLETED), stage="test"),
    )
    made: Any = client

    assert EventBridgeBus(made, "jobs", telemetry).put_many([one] * 25) == taken
    assert [len(call) for call in client.calls] == calls
    assert [trouble.event for trouble in telemetry.troubles] == ["publish_failed"] * (taken < 25)


def test_function_tells_the_bus_of_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKERLESS_STAGE", "test")
    monkeypatch.setenv("WORKERLESS_TABLE", "workerless-test")
    monkeypatch.setenv("WORKERLESS_BUCKET", "workerless-test-files")
    monkeypatch.setenv("WORKERLESS_EVENT_BUS", "jobs")
    monkeypatch.setenv("WORKERLESS_JOB_CHANGES", "Job Completed,Job Failed")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("events").create_event_bus(Name="jobs")

        assert handler({"Records": [ended(1)]}, object()) == {"batchItemFailures": []}
