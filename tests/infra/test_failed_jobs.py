"""The topic of failed jobs, where a stage wants it: what is deployed, and the sweeper on moto."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_cdk import App

from infra.app import build
from infra.settings import FailedJobs, stages
from tests.infra.cloud import FUNCTION, Cloud, read, text
from tests.infra.deployed_stage import STAGE, TYPE, Context, deployed_stage
from tests.infra.rights import granted, missing, written_down
from workerless import naming
from workerless.errors import WorkerlessError
from workerless.operating import desk
from workerless.sweeper import SweeperFunction
from workerless.testing.sample import a_record, an_error

TOPIC = "AWS::SNS::Topic"
TOLD = FailedJobs(job_types=(TYPE, "import"), email="ops@example.com", link="https://x/{job_id}")


def cloud_of(told: FailedJobs | None, directory: Path) -> Cloud:
    stage = replace(stages({})[STAGE], failed_jobs=told)
    app = App(outdir=str(directory))
    build(app, stage=stage, found=[])
    app.synth()
    return read(directory, stage, [])


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    return cloud_of(TOLD, tmp_path_factory.mktemp("told"))


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> Iterator[Any]:
    """A queue that hears of failed jobs of ``TYPE``, in a deployed stage."""
    with deployed_stage(monkeypatch):
        clients: list[Any] = [boto3.client(name) for name in ("sns", "sqs")]
        sns, sqs = clients
        topic = sns.create_topic(Name=naming.failed_jobs_topic(STAGE))["TopicArn"]
        url = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn["QueueArn"],
            Attributes={
                "FilterPolicy": json.dumps({"job_types": [TYPE]}),
                "RawMessageDelivery": "true",
            },
        )
        for name, value in variables(cloud).items():
            if name.startswith("WORKERLESS_ALERT_"):
                monkeypatch.setenv(name, topic if name.endswith("TOPIC") else value)
        yield lambda: sqs.receive_message(QueueUrl=url).get("Messages", [])
        for client in clients:
            client.close()


def variables(cloud: Cloud) -> dict[str, Any]:
    (sweeper,) = (
        one for _, _, one in cloud.each(FUNCTION) if one["FunctionName"] == naming.sweeper(STAGE)
    )
    told: dict[str, Any] = sweeper["Environment"]["Variables"]
    return told


def fail(job_id: str) -> None:
    at = desk(STAGE, by="nobody")
    now = at.clock.now()
    ended = now - timedelta(seconds=45)
    record = a_record(job_id, job_type=TYPE, run_at=ended, updated_at=ended, enqueued_at=ended)
    at.store.put_many([record])
    at.store.give_up(
        record, at=ended, reason="x", error=an_error(), expires_at=now + timedelta(days=1)
    )


def switch_on(since: timedelta) -> None:
    """As if the first sweep that knew of it had been so long ago."""
    dynamodb = boto3.client("dynamodb")
    told = int((desk(STAGE, by="nobody").clock.now() - since).timestamp() * 1_000)
    item = {"pk": {"S": "ALERTS"}, "sk": {"S": "FAILED"}, "told_until": {"N": str(told)}}
    dynamodb.put_item(TableName=naming.table(STAGE), Item=item)
    dynamodb.close()


def test_stage_that_wants_none_has_no_topic_and_pays_nothing(tmp_path: Path) -> None:
    cloud = cloud_of(None, tmp_path)

    names = [text(one["TopicName"]) for _, _, one in cloud.each(TOPIC)]
    assert names == [naming.alarm_topic(STAGE)]
    assert not any("ALERT" in name for name in variables(cloud))
    rights = {action for action, _ in granted(cloud, naming.sweeper(STAGE))}
    assert "sns:Publish" not in rights


def test_people_are_mailed_and_the_sweeper_is_told_of_whom(cloud: Cloud) -> None:
    ((_, _, mail),) = cloud.each("AWS::SNS::Subscription")
    told = variables(cloud)

    assert (mail["Protocol"], mail["Endpoint"]) == ("email", "ops@example.com")
    assert told["WORKERLESS_ALERT_JOB_TYPES"] == f"{TYPE},import"
    assert told["WORKERLESS_ALERT_LINK"] == "https://x/{job_id}"


def test_failed_jobs_reach_who_subscribed_once_and_the_role_allows_it(
    mailbox: Any, cloud: Cloud
) -> None:
    switch_on(timedelta(minutes=2))
    fail("order-7")
    sweeper = SweeperFunction()

    with written_down() as needed:
        sweeper({}, Context())
        sweeper({}, Context())

    (message,) = mailbox()
    told = json.loads(message["Body"])
    assert told["number"] == 1
    (group,) = told["groups"]
    assert (group["jobType"], group["errorType"], group["jobs"]) == (TYPE, "OSError", ["order-7"])
    assert ("sns:Publish", naming.failed_jobs_topic(STAGE)) in needed
    assert missing(needed, granted(cloud, naming.sweeper(STAGE))) == set()


def test_first_sweep_begins_to_count_and_tells_nobody(mailbox: Any) -> None:
    fail("long-dead")
    sweeper = SweeperFunction()

    sweeper({}, Context())
    sweeper({}, Context())

    assert mailbox() == []


def test_however_many_letters_there_are_people_are_told(
    mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[datetime] = []
    told = "workerless.execution.failure_alert.tell_failures"
    monkeypatch.setattr(told, lambda _, until: ends.append(until))

    def sweep_letters(_: object, sweeper: Any) -> Counter[Any]:
        ends.append(sweeper.until)
        return Counter()

    monkeypatch.setattr("workerless.sweeper.sweep_letters", sweep_letters)

    SweeperFunction()({}, Context())

    assert len(ends) > 1
    assert ends[-1] - max(ends[:-1]) >= timedelta(seconds=5)


def test_topic_that_is_gone_costs_no_sweep(
    mailbox: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("WORKERLESS_ALERT_TOPIC", "arn:aws:sns:us-east-1:000000000000:gone")
    switch_on(timedelta(minutes=2))
    fail("order-7")

    found = SweeperFunction()({}, Context())

    assert found["failed"] == 0
    assert "alert_failed" in caplog.messages
    assert mailbox() == []


def test_link_without_a_place_for_the_id_is_refused() -> None:
    with pytest.raises(WorkerlessError, match="failed_jobs: link must have"):
        FailedJobs(link="https://jobs.example.com")
