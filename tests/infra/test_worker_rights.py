"""Workers with flow control may do what they do: their calls on moto, held against their roles."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.contract.conftest import create_table
from tests.infra.cloud import Cloud
from tests.infra.rights import Right, granted, missing, written_down
from tests.partiql import spoken_by_moto
from workerless import JobType, Payload, naming
from workerless.aws.clock import SystemClock
from workerless.aws.flow.permits import DynamoPermits
from workerless.aws.session import AwsClients
from workerless.aws.table import Table
from workerless.client import connect
from workerless.discovery import Found
from workerless.environment import WorkerEnvironment
from workerless.execution.context import JobContext
from workerless.flow.permits import Holder, handed_over
from workerless.search_key import key_digest
from workerless.signals import EventAwaited
from workerless.worker import ports_from_environment, worker

MINUTE = timedelta(minutes=1)
STAGE = "local"
BUCKET = naming.bucket(STAGE, "000000000000", "us-east-1")
NAMES = {
    "keyed": naming.resource(STAGE, "keyed"),
    "keyed_too": naming.resource(STAGE, "keyed_too"),
}


@pytest.fixture
def job_types(edges: list[Found]) -> dict[str, JobType[Any, Any]]:
    return {one.job_type.name: one.job_type for one in edges}


@pytest.fixture
def urls(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The queues of a stage with two job types of one group."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws(), spoken_by_moto():
        clients: list[Any] = [boto3.client(name) for name in ("dynamodb", "sqs", "ssm", "s3")]
        dynamodb, sqs, ssm, s3 = clients
        create_table(dynamodb, naming.table(STAGE))
        s3.create_bucket(Bucket=BUCKET)
        urls = {}
        for name, queue in NAMES.items():
            urls[name] = sqs.create_queue(QueueName=queue)["QueueUrl"]
            told = {"queue": urls[name], "dead_letters": "none", "function": "f"}
            parameter = naming.job_type_parameter(STAGE, name)
            ssm.put_parameter(Name=parameter, Type="String", Value=json.dumps(told))
        core = {"table": naming.table(STAGE), "bucket": BUCKET, "topic": "alarms"}
        ssm.put_parameter(Name=naming.core_parameter(STAGE), Type="String", Value=json.dumps(core))
        yield urls
        for client in clients:
            client.close()


def test_who_waits_and_who_wakes_may_do_so(
    urls: dict[str, str],
    job_types: dict[str, JobType[Any, Any]],
    clouds: Callable[[str], Cloud],
) -> None:
    clock = SystemClock()
    permits = DynamoPermits(Table(AwsClients().dynamodb, naming.table(STAGE), clock))
    name, until = f"bank#{key_digest('acme')}", clock.now() + timedelta(minutes=5)
    others = [Holder(job_id=job, token=job, until=until) for job in ("first", "second")]
    for one in others:
        permits.take(name, one, 2)

    waits = run(job_types["keyed"], urls)
    seen = permits.release(name, others[0]).permits
    permits.change(name, seen, handed_over(seen, others[0], [], now=clock.now()))
    wakes = run(job_types["keyed_too"], urls)

    assert ("dynamodb:Query", f"table/{naming.table(STAGE)}") in wakes
    assert ("sqs:SendMessage", NAMES["keyed"]) in wakes
    assert missing(others_of("keyed", waits), granted(clouds(STAGE), NAMES["keyed"])) == set()
    assert (
        missing(others_of("keyed_too", wakes), granted(clouds(STAGE), NAMES["keyed_too"])) == set()
    )


def test_who_waits_for_an_event_may_do_so(
    urls: dict[str, str],
    job_types: dict[str, JobType[Any, Any]],
    clouds: Callable[[str], Cloud],
) -> None:
    raised: list[BaseException] = []

    def wait(payload: Payload, job: JobContext) -> None:
        try:
            job.token("word", expires_in=MINUTE)
            job.wait_for("word", type(payload), timeout=MINUTE)
        except BaseException as error:
            raised.append(error)
            raise

    waits = run(job_types["keyed"], urls, wait)

    assert [type(one) for one in raised] == [EventAwaited]
    assert ("dynamodb:BatchGetItem", f"table/{naming.table(STAGE)}") in waits
    assert missing(others_of("keyed", waits), granted(clouds(STAGE), NAMES["keyed"])) == set()


def others_of(job_type: str, rights: set[Right]) -> set[Right]:
    """Without its own queue's, which stands in the template by reference.

    On a slow machine a heartbeat hides the message for longer, too.
    """
    return {right for right in rights if right[1] != NAMES[job_type]}


def run(
    job_type: JobType[Any, Any],
    urls: dict[str, str],
    perform: Callable[..., None] = lambda _payload: None,
) -> set[Right]:
    """Have a worker run one job; the rights that it needs."""
    connect(STAGE).enqueue(job_type, job_type.payload.model_validate({"text": "acme"}))
    here = WorkerEnvironment(
        stage=STAGE,
        table=naming.table(STAGE),
        bucket=BUCKET,
        queue_url=urls[job_type.name],
        dead_letter_url="none",
    )
    ports = ports_from_environment(here.render(), job_type)
    (received,) = ports.queue.receive(here.queue_url, limit=1, hide=timedelta(minutes=1))
    record = {
        "messageId": received.message_id,
        "receiptHandle": received.receipt,
        "body": received.body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1800000000000"},
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{NAMES[job_type.name]}",
    }
    with written_down() as needed:
        worker(job_type)(perform).run([record], ports, job_type.function_timeout)
    return needed
