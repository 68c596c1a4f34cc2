"""An AWS that costs nothing: every call of botocore in this process is answered before it is sent.

What is left is the CPU of the libraries: building, signing and parsing included, sockets excluded.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, cast

import botocore
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.session import Session

from benchmarks.batch import JOB_IDS, LEASE_TOKEN, NOW_MS, SIZE, TYPE, URL

_MOST_STATEMENTS = 25
_KEY = re.compile(rb'"JOB#([^"]+)"')
sent_bodies: list[str] = []
"""The bodies that were sent to a queue, for a case that must first see what its messages are."""


def install(*, round_trip: timedelta = timedelta(0)) -> None:
    """From now on, for every session of botocore that is made; each answer after ``round_trip``."""

    def listen(session: Session) -> None:
        answer: Any = partial(_answer, round_trip.total_seconds())  # stubs know of no answers
        session.register("before-send", answer)

    botocore.register_initializer(listen)


def _answer(seconds: float, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
    if seconds:
        time.sleep(seconds)
    operation = event_name.rpartition(".")[2]
    body = _ANSWERS.get(operation, _nothing)(cast("bytes", request.body))
    headers = HTTPHeaders.from_dict({"Content-Type": "application/x-amz-json-1.0"})
    return AWSResponse(request.url, 200, headers, _Raw(body))


class _Raw:
    """What botocore reads an answer from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def _record(job_id: str) -> dict[str, Any]:
    """A job at work, as Workerless keeps it."""
    now = {"N": str(NOW_MS)}
    return {
        "pk": {"S": f"JOB#{job_id}"},
        "sk": {"S": "RECORD"},
        "job_id": {"S": job_id},
        "job_type": {"S": TYPE},
        "state": {"S": "processing"},
        "digest": {"S": "0" * 64},
        "max_attempts": {"N": "3"},
        "attempt": {"N": "1"},
        "generation": {"N": "1"},
        "enqueued_at": now,
        "updated_at": now,
        "run_at": now,
        "first_started_at": now,
        "started_at": now,
        "correlation_id": {"S": job_id},
        "lease_token": {"S": LEASE_TOKEN},
        "lease_until": now,
        "lease_alone": {"BOOL": False},
        "due_shard": {"N": "1"},
        "due_at": now,
        "body": {"S": "x" * 400},
    }


_ITEMS = {job_id.encode(): _record(job_id) for job_id in JOB_IDS}
_UPDATED = {key: json.dumps({"Attributes": item}).encode() for key, item in _ITEMS.items()}


def _nothing(_body: bytes) -> bytes:
    return b"{}"


def _updated(body: bytes) -> bytes:
    found = _KEY.search(body)
    return _UPDATED[found[1]] if found else b"{}"


def _executed(body: bytes) -> bytes:
    """One item a statement that asks for it, in order; of any other, only its table."""
    count = body.count(b'"Statement"')
    return (_RETURNED if b"RETURNING" in body else _EXECUTED)[count]


_RETURNED = {
    count: json.dumps(
        {"Responses": [{"TableName": "jobs", "Item": one} for one in list(_ITEMS.values())[:count]]}
    ).encode()
    for count in range(1, SIZE + 1)
}
_EXECUTED = {
    count: json.dumps({"Responses": [{"TableName": "jobs"}] * count}).encode()
    for count in range(1, _MOST_STATEMENTS + 1)
}


def _sent(body: bytes) -> bytes:
    sent_bodies.append(json.loads(body)["MessageBody"])
    return b'{"MessageId": "1"}'


def _batch_sent(body: bytes) -> bytes:
    entries = json.loads(body)["Entries"]
    answer = {"Successful": [{"Id": one["Id"], "MessageId": one["Id"]} for one in entries]}
    return json.dumps(answer).encode()


_ADDRESS = {"queue": URL, "dead_letters": URL, "function": TYPE}
_ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "UpdateItem": _updated,
    "BatchExecuteStatement": _executed,
    "SendMessage": _sent,
    "SendMessageBatch": _batch_sent,
    "GetParameter": lambda _: json.dumps({"Parameter": {"Value": json.dumps(_ADDRESS)}}).encode(),
    "GetQueueAttributes": lambda _: b'{"Attributes": {"ApproximateNumberOfMessages": "0"}}',
    "DescribeTable": lambda _: b'{"Table": {"TableStatus": "ACTIVE"}}',
    "DescribeTimeToLive": lambda _: b'{"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}',
}
