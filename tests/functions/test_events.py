"""Every file in ``events/`` through the real handler of its job type.

Queue and store are in memory. The emails go to moto's SES, the images to moto's S3, the webhooks to
a receiver on the loopback.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import boto3
import pytest
from PIL import Image

from functions.deliver_webhook.handler import handler as deliver_webhook
from functions.deliver_webhook.handler import secrets, ssm_client
from functions.process_image.handler import handler as process_image
from functions.process_image.handler import s3_client
from functions.send_email.handler import handler as send_email
from functions.send_email.handler import ses_client
from tests.functions.receiver import Receiver
from workerless.data_ref import payload_key
from workerless.execution.runtime import Ports
from workerless.payload import canonical_json
from workerless.record import Record
from workerless.states import State
from workerless.testing.memory import (
    FakeClock,
    InMemoryBlobs,
    InMemoryQueue,
    InMemoryStore,
    RecordingTelemetry,
)
from workerless.worker import Worker

EVENTS = Path(__file__).parents[2] / "events"
PARAMETER = "/workerless/test/webhook-secret"
BUCKET = "workerless-test-123456789012-eu-central-1"
FILES = "s3://workerless-prod-123456789012-eu-central-1/"
WORKERS = {worker.job_type.name: worker for worker in (send_email, process_image, deliver_webhook)}
# What becomes of each: completed, or the reason it is failed for.
ENDS = {
    "send_email_cloudevent": None,
    "send_email_bare": None,
    "send_email_dataref": None,
    "send_email_invalid": "invalid_payload",
    "process_image_cloudevent": None,
    "process_image_bare": None,
    "process_image_invalid": "invalid_payload",
    "deliver_webhook_cloudevent": None,
    "deliver_webhook_bare": None,
    "deliver_webhook_invalid": "invalid_payload",
    "not_json": "not_json",
    "wrong_queue": "wrong_queue",
    "unknown_envelope": "unknown_envelope",
    "lone_surrogate": "not_unicode",
    "dataref_elsewhere": "invalid_envelope",
    "payload_missing": "payload_missing",
    "payload_corrupt": "payload_corrupt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the handlers run: their ports, and the receiver that stands in for 127.0.0.1:8080."""

    store: InMemoryStore
    queue: InMemoryQueue
    ports: Ports
    receiver: Receiver

    def records(self, event: str) -> list[dict[str, Any]]:
        text = (EVENTS / f"{event}.json").read_text(encoding="utf-8")
        here = text.replace("127.0.0.1:8080", f"127.0.0.1:{self.receiver.port}")
        records: list[dict[str, Any]] = json.loads(here)["Records"]
        return records

    def run(self, event: str) -> tuple[Mapping[str, Any], Record]:
        """The response to ``event``, and the record of its only job."""
        records = self.records(event)
        response = worker_of(records).run(records, self.ports, timedelta(minutes=2))
        [record] = self.store.get_many([job_id(records[0])])
        assert record is not None
        return response, record


def worker_of(records: Sequence[Mapping[str, Any]]) -> Worker:
    return WORKERS[records[0]["eventSourceARN"].rpartition("-")[2]]


def job_id(record: Mapping[str, Any]) -> str:
    """An event's own id if it is one for this queue, else the message's."""
    try:
        body = json.loads(record["body"])
    except ValueError:
        body = {}
    ours = body.get("specversion") == "1.0" and body["type"] == worker_of([record]).job_type.name
    ours = ours and body.get("dataref", FILES).startswith(FILES)
    return str(body["id"] if ours else record["messageId"])


@pytest.fixture
def account(
    aws: None, worker_environment: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Everything the handlers find in their account and their environment."""
    clients = (ses_client, s3_client, ssm_client)
    for cached in (*clients, secrets):
        cached.cache_clear()
    worker_environment(
        WORKERLESS_BUCKET=BUCKET,
        EMAIL_SENDER="shop@example.com",
        WEBHOOK_SECRET_PARAMETER=PARAMETER,
        WEBHOOK_ALLOW_LOOPBACK="1",
    )
    ses_client().create_email_identity(EmailIdentity="shop@example.com")
    ssm_client().put_parameter(
        Name=PARAMETER,
        Value="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        Type="SecureString",
    )
    s3_client().create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    photo = BytesIO()
    Image.effect_noise((1_600, 1_200), 60).save(photo, "JPEG")
    s3_client().put_object(Bucket=BUCKET, Key="images/originals/harbour.jpg", Body=photo.getvalue())
    yield
    for client in clients:
        client().close()
    for cached in (*clients, secrets):
        cached.cache_clear()


@pytest.fixture
def place(receiver: Receiver) -> Iterator[Place]:
    clock = FakeClock(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))
    store, queue = InMemoryStore(clock), InMemoryQueue(clock)
    ports = Ports(
        store=store,
        queue=queue,
        blobs=_files(clock),
        clock=clock,
        telemetry=RecordingTelemetry(),
        rng=Random(7),
        new_token=lambda: uuid4().hex,
        queue_address="queue",
        dead_letters="queue-dead",
    )
    yield Place(store=store, queue=queue, ports=ports, receiver=receiver)
    for worker in WORKERS.values():
        worker.close()


def _files(clock: FakeClock) -> InMemoryBlobs:
    """The bucket of stage prod, with what ``send_email_dataref`` refers to."""
    blobs = InMemoryBlobs(clock, FILES.removeprefix("s3://").strip("/"))
    event = json.loads((EVENTS / "send_email_cloudevent.json").read_text(encoding="utf-8"))
    data = canonical_json(json.loads(event["Records"][0]["body"])["data"]).encode()
    key = payload_key("send_email", "welcome-58213", sha256(data).hexdigest())
    blobs.put(key, data, keep=timedelta(days=1))
    return blobs


def test_every_event_says_how_it_ends_here_or_in_its_job_types_own_test() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))

    elsewhere = {path.name for path in EVENTS.glob("*.json") if path.stem not in ENDS}

    assert {name for name in elsewhere if name not in tests} == set()
    assert all((EVENTS / f"{name}.json").is_file() for name in ENDS)


@pytest.mark.parametrize("event", sorted(ENDS))
def test_event_has_the_shape_that_lambda_gives_it(event: str) -> None:
    [record] = json.loads((EVENTS / f"{event}.json").read_text(encoding="utf-8"))["Records"]

    assert record.keys() == {
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
    }
    assert record["md5OfBody"] == md5(record["body"].encode(), usedforsecurity=False).hexdigest()


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("event", sorted(event for event, reason in ENDS.items() if not reason))
def test_good_event_completes_its_job(event: str, place: Place) -> None:
    response, record = place.run(event)

    assert response == {"batchItemFailures": []}
    assert record.state is State.COMPLETED, record.errors
    assert record.attempt == 1
    assert place.queue.messages("queue-dead") == []


@pytest.mark.parametrize("event", sorted(event for event, reason in ENDS.items() if reason))
def test_bad_event_is_a_dead_letter_with_its_reason(event: str, place: Place) -> None:
    response, record = place.run(event)

    [letter] = place.queue.messages("queue-dead")
    assert response == {"batchItemFailures": []}
    assert record.state is State.FAILED
    assert record.reason == ENDS[event]
    assert letter.attributes["reason"] == ENDS[event]
    assert letter.body == place.records(event)[0]["body"]


@pytest.mark.usefixtures("account")
def test_message_that_comes_twice_does_its_work_once(place: Place) -> None:
    place.run("deliver_webhook_bare")

    response, _ = place.run("deliver_webhook_bare")

    assert response == {"batchItemFailures": []}
    assert len(place.receiver.posted) == 1


@pytest.mark.usefixtures("account")
def test_receiver_that_is_down_leaves_the_message_in_its_queue(place: Place) -> None:
    place.receiver.answer(503, Retry_After="90")

    response, record = place.run("deliver_webhook_bare")

    message_id = place.records("deliver_webhook_bare")[0]["messageId"]
    assert response == {"batchItemFailures": [{"itemIdentifier": message_id}]}
    assert record.state is State.RETRYING
    assert record.run_at == place.ports.clock.now() + timedelta(seconds=90)


@pytest.mark.usefixtures("account")
def test_image_that_is_gone_fails_at_its_first_attempt(place: Place) -> None:
    s3_client().delete_object(Bucket=BUCKET, Key="images/originals/harbour.jpg")

    _, record = place.run("process_image_bare")

    assert (record.state, record.reason, record.attempt) == (State.FAILED, "rejected", 1)


@pytest.mark.usefixtures("account")
def test_webhooks_of_a_batch_are_delivered_together(place: Place) -> None:
    events = ("deliver_webhook_cloudevent", "deliver_webhook_invalid", "deliver_webhook_bare")
    records = [record for event in events for record in place.records(event)]

    response = deliver_webhook.run(records, place.ports, timedelta(minutes=2))

    found = place.store.get_many([job_id(record) for record in records])
    assert response == {"batchItemFailures": []}
    assert [record and record.state for record in found] == [
        State.COMPLETED,
        State.FAILED,
        State.COMPLETED,
    ]


@pytest.mark.usefixtures("account")
def test_emails_reach_ses(place: Place) -> None:
    before = boto3.client("ses").get_send_quota()["SentLast24Hours"]

    place.run("send_email_bare")

    assert boto3.client("ses").get_send_quota()["SentLast24Hours"] == before + 1
