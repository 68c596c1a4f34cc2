"""Events on the local cloud start jobs of a job type that declares them, once each."""

import json
import time
from typing import Any

import boto3
import pytest

from tests.e2e.seen import wait_for
from workerless import State
from workerless.client import Client

pytestmark = pytest.mark.local_cloud


def test_one_order_is_one_job_however_often_it_is_told(client: Client) -> None:
    events: Any = boto3.client("events")
    entry = {"Source": "shop", "DetailType": "Any", "Detail": '{"text": "o-1", "more": 1}'}
    answer = events.put_events(Entries=[entry, entry])
    assert answer["FailedEntryCount"] == 0

    ended = wait_for(client, "sourced--orders:o-1")

    assert (ended.state, ended.result) == (State.COMPLETED, {"text": "o-1"})
    assert ended.attempt == 1


def test_object_in_a_folder_is_a_job_and_another_is_none(client: Client) -> None:
    bucket = "workerless-local-000000000000-us-east-1"
    for key in ("uploads/a.txt", "uploads/a.jpg", "elsewhere/a.txt"):
        boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")

    assert _heard(client, "sourced--uploads:") == ["uploads/a.txt"]


def test_message_of_a_topic_is_a_job(client: Client) -> None:
    topic = "arn:aws:sns:us-east-1:000000000000:workerless-local-alarms"
    sent = boto3.client("sns").publish(TopicArn=topic, Message=json.dumps({"text": "told"}))

    ended = wait_for(client, f"sourced--sns:{sent['MessageId']}")

    assert ended.result == {"text": "told"}


def _heard(client: Client, prefix: str) -> list[object]:
    """What the jobs of a source were told, once there are some."""
    give_up_at = time.monotonic() + 60
    found: list[str] = []
    while not found and time.monotonic() < give_up_at:
        time.sleep(1)
        records = client.list("sourced", State.COMPLETED).records
        found = [one.job_id for one in records if one.job_id.startswith(prefix)]
    return [(wait_for(client, one).result or {})["text"] for one in found]
