"""A handler may enqueue for its children, in batches and workflows too, and for nobody else."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.sharing import children_of
from tests.contract.conftest import create_table
from tests.infra.cloud import Cloud
from tests.infra.rights import granted, missing, written_down
from tests.partiql import spoken_by_moto
from workerless import JobType, Payload, chain, naming
from workerless.client import connect
from workerless.discovery import Found
from workerless.environment import WorkerEnvironment
from workerless.errors import DeclarationError
from workerless.execution.context import JobContext
from workerless.flow.lanes import TIERS
from workerless.worker import ports_from_environment, worker

STAGE = "local"
BUCKET = naming.bucket(STAGE, "000000000000", "us-east-1")
ORDERS = naming.workflows_queue(STAGE)


@pytest.fixture
def job_types(edges: list[Found]) -> dict[str, JobType[Any, Any]]:
    return {one.job_type.name: one.job_type for one in edges}


@pytest.fixture
def urls(
    monkeypatch: pytest.MonkeyPatch, job_types: dict[str, JobType[Any, Any]]
) -> Iterator[dict[str, str]]:
    """The queues of a stage with a parent and its children."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws(), spoken_by_moto():
        clients: list[Any] = [boto3.client(name) for name in ("dynamodb", "sqs", "ssm", "s3")]
        dynamodb, sqs, ssm, s3 = clients
        create_table(dynamodb, naming.table(STAGE))
        s3.create_bucket(Bucket=BUCKET)

        def queue(name: str) -> str:
            return str(sqs.create_queue(QueueName=name)["QueueUrl"])

        urls = {}
        for name in job_types["parent"].children:
            urls[name] = queue(naming.resource(STAGE, name))
            told: dict[str, Any] = {"queue": urls[name], "dead_letters": "none", "function": "f"}
            if lanes := job_types[name].lanes:
                others = [one for one in lanes.weights if one != lanes.default]
                told["lanes"] = {one: queue(naming.lane_queue(STAGE, name, one)) for one in others}
                told["lanes"][lanes.default] = urls[name]
            parameter = naming.job_type_parameter(STAGE, name)
            ssm.put_parameter(Name=parameter, Type="String", Value=json.dumps(told))
        core = {"table": naming.table(STAGE), "bucket": BUCKET, "topic": "alarms"}
        core["workflows"] = queue(ORDERS)
        ssm.put_parameter(Name=naming.core_parameter(STAGE), Type="String", Value=json.dumps(core))
        yield urls
        for client in clients:
            client.close()


def test_handler_may_enqueue_for_its_children(
    urls: dict[str, str],
    job_types: dict[str, JobType[Any, Any]],
    clouds: Callable[[str], Cloud],
) -> None:
    parent, lanes, guarded = (job_types[name] for name in ("parent", "lanes", "guarded"))
    totals: list[int] = []
    spare = next(one for one in TIERS.weights if one != TIERS.default)

    def of(job_type: JobType[Any, Any], text: str) -> Any:
        return job_type.payload.model_validate({"text": text})

    def perform(payload: Payload, job: JobContext) -> None:
        for _ in range(2):
            job.batch.add_many(lanes, [of(lanes, "a"), of(lanes, "x" * 300_000)])
            job.batch.add(lanes, of(lanes, "b"), lane=spare)
        totals.append(job.batch.status().total)
        client = connect(STAGE)
        client.enqueue(guarded, of(guarded, "c"))
        client.enqueue(guarded, of(guarded, "c"))
        client.start(chain(lanes.with_(text="d"), lanes.with_(text="h")), workflow_id="f")
        for _ in range(2):
            with client.batch(batch_id="b", on_completion=lanes.with_(text="e")) as batch:
                batch.add(lanes, of(lanes, "g"), job_id="g")

    needed = run(parent, urls["parent"], perform)

    assert totals == [4]
    assert {
        ("sqs:SendMessage", naming.resource(STAGE, "lanes")),
        ("sqs:SendMessage", naming.lane_queue(STAGE, "lanes", spare)),
        ("sqs:SendMessage", naming.resource(STAGE, "guarded")),
        ("sqs:GetQueueAttributes", naming.resource(STAGE, "guarded")),
        ("sqs:SendMessage", ORDERS),
    } <= needed
    assert missing(needed, granted(clouds(STAGE), naming.resource(STAGE, "parent"))) == set()


def run(
    job_type: JobType[Any, Any], url: str, perform: Callable[[Payload, JobContext], None]
) -> set[tuple[str, str]]:
    """What its worker needs for one member of a batch, its clients made meanwhile."""
    with connect(STAGE).batch(batch_id="first") as batch:
        batch.add(job_type, job_type.payload.model_validate({"text": "acme"}))
    here = WorkerEnvironment(
        stage=STAGE,
        table=naming.table(STAGE),
        bucket=BUCKET,
        queue_url=url,
        dead_letter_url="none",
    )
    ports = ports_from_environment(here.render(), job_type)
    (received,) = ports.queue.receive(url, limit=1, hide=timedelta(minutes=1))
    record = {
        "messageId": received.message_id,
        "receiptHandle": received.receipt,
        "body": received.body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1800000000000"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q",
    }
    raised: list[BaseException] = []

    def told(payload: Payload, job: JobContext) -> None:
        try:
            perform(payload, job)
        except BaseException as error:
            raised.append(error)
            raise

    with written_down() as needed:
        worker(job_type)(told).run([record], ports, job_type.function_timeout)
    assert raised == []
    return needed


def test_child_that_is_not_there_is_refused_when_deployed(edges: list[Found]) -> None:
    strange = JobType(name="strange", payload=edges[0].job_type.payload, children=("nobody",))

    with pytest.raises(DeclarationError, match=r"strange: children must name .*, got 'nobody'"):
        children_of(strange, [one.job_type for one in edges])
