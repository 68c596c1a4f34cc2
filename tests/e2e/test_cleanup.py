"""cleanup_expired on the local cloud: by its schedule's hand, with what its function may do."""

import json
import time
from typing import Any

import boto3
import pytest

from tests.e2e.cloud import Cloud
from workerless import naming
from workerless.data_ref import payload_key

pytestmark = pytest.mark.local_cloud

TABLE = naming.table("local")
LONG_AGO = {"N": "1700000000"}
YOUNG = payload_key("note", "cleanup-e2e", "0" * 64)


@pytest.mark.usefixtures("client")
def test_stale_lock_goes_and_young_file_and_taken_lock_stay(cloud: Cloud) -> None:
    clients: list[Any] = [boto3.client(name) for name in ("s3", "dynamodb")]
    s3, dynamodb = clients
    bucket = naming.bucket("local", "000000000000", "us-east-1")
    s3.put_object(Bucket=bucket, Key=YOUNG, Body=b"{}", Tagging="keep=2&free=2020-01-01")
    _put_lock(dynamodb, "taken", {"N": str(int(time.time()) + 3_600)})

    kinds = _cleaned(cloud, dynamodb)

    assert kinds["payloads"]["seen"] >= 1
    assert kinds["locks"]["removed"] >= 1
    left = _partition_keys(dynamodb)
    assert "LIMIT#cleanup-stale" not in left
    assert {"LIMIT#cleanup-taken", "CLEANUP"} <= left
    assert s3.head_object(Bucket=bucket, Key=YOUNG)["ContentLength"] == 2
    for one in clients:
        one.close()


def _cleaned(cloud: Cloud, dynamodb: Any) -> dict[str, Any]:
    """What a run did by kind: one that was not outrun by the emulator's own TTL, if it can be."""
    kinds: dict[str, Any] = {}
    for _ in range(3):
        _put_lock(dynamodb, "stale", LONG_AGO)
        done = cloud.workerless("wait", _run(cloud), "--json")
        told = json.loads(done.stdout)
        assert told["state"] == "completed", told
        kinds = told["result"]["kinds"]
        if kinds["locks"]["removed"]:
            break
    return kinds


def _partition_keys(dynamodb: Any) -> set[str]:
    """All of the table's: other tests fill more than the one page that a scan answers."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=TABLE, ProjectionExpression="pk")
    return {item["pk"]["S"] for page in pages for item in page["Items"]}


def _put_lock(dynamodb: Any, name: str, expires_at: dict[str, str]) -> None:
    lock = {"pk": {"S": f"LIMIT#cleanup-{name}"}, "sk": {"S": "LIMIT"}}
    dynamodb.put_item(TableName=TABLE, Item={**lock, "expires_at": expires_at})


def _run(cloud: Cloud) -> str:
    """The id of its job; a schedule can be run once the sweeper has seen it."""
    give_up_at = time.monotonic() + 200
    while True:
        ran = cloud.workerless("schedules", "run", "cleanup_expired-hourly", "--json")
        if ran.returncode == 0:
            return str(json.loads(ran.stdout)["job_id"])
        assert time.monotonic() < give_up_at, ran.stderr
        time.sleep(5)
