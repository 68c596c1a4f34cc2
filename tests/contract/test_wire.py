"""Batches on the wire: what botocore would send, and what it would make of the answer.

They pin the events of botocore by which that is done: one that has others fails here.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from workerless.aws.dynamodb import DynamoStore
from workerless.aws.fault import NO_ANSWER
from workerless.aws.session import AwsClients
from workerless.local.credentials import REGION
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STATEMENT: Any = {
    "Statement": 'UPDATE "table" SET "text"=? SET "number"=? WHERE "pk"=? RETURNING ALL NEW *',
    "Parameters": ({"S": "half a \u00fc and \u2028"}, {"N": "1"}, {"S": "JOB#1"}),
    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
}
ITEM = {
    "text": {"S": "\u00fc"},
    "number": {"N": "1.5"},
    "bool": {"BOOL": False},
    "map": {"M": {"list": {"L": [{"S": ""}, {"M": {}}, {"NULL": True}]}}},
}
REFUSED = {"Error": {"Code": "ConditionalCheckFailed", "Message": "no", "Item": ITEM}}


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> "Iterator[DynamoDBClient]":
    """The client of a worker."""
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    client = AwsClients().dynamodb
    yield client
    client.close()


@pytest.fixture
def theirs() -> "Iterator[DynamoDBClient]":
    """botocore's own."""
    client = boto3.Session("test", "test", region_name=REGION).client("dynamodb")
    yield client
    client.close()


class _Answer:
    """An answer to every call, as a socket would give it; and the calls that were made."""

    def __init__(self, status: int, body: bytes) -> None:
        self.requests: list[AWSPreparedRequest] = []
        self._status, self._body = status, body

    def __call__(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        self.requests.append(request)
        headers = HTTPHeaders.from_dict({"x-amzn-requestid": "1"})
        return AWSResponse(request.url, self._status, headers, cast("Any", self))

    def stream(self) -> Iterator[bytes]:
        yield self._body


def _understood(client: "DynamoDBClient", answer: _Answer, statement: Any = STATEMENT) -> object:
    """What the caller gets: an answer, a refusal, or what garbage is taken for."""
    listener: Any = answer  # stubs know of none that answers
    client.meta.events.register_first("before-send", listener)
    try:
        return client.batch_execute_statement(Statements=[statement, STATEMENT])
    except ClientError as error:
        return error.response
    except NO_ANSWER as error:
        return type(error)


@pytest.mark.parametrize("text", ["", "half a \u00fc and \u2028", "\U0001f600", "\ud800"])
def test_statements_are_sent_as_botocore_sends_them(
    ours: "DynamoDBClient", theirs: "DynamoDBClient", text: str
) -> None:
    sent = []
    statement = STATEMENT | {"Parameters": ({"S": text}, {"N": "1"}, {"S": "JOB#1"})}

    for client in (ours, theirs):
        answer = _Answer(200, b"{}")
        _understood(client, answer, statement)
        (request,) = answer.requests
        kind = {name: request.headers[name] for name in ("X-Amz-Target", "Content-Type")}
        sent.append((request.method, request.url, kind, json.loads(cast("bytes", request.body))))

    assert sent[0] == sent[1]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, json.dumps({"Responses": [{"TableName": "table", "Item": ITEM}, REFUSED]})),
        (200, json.dumps({"Responses": []})),
        (200, "{}"),
        (200, ""),
        (200, '{"Responses": [{"TableN'),
        (200, "\ud800"),
        (200, "[1, 2]"),
        (400, json.dumps({"__type": "com.amazon#ValidationException", "message": "no"})),
        (400, json.dumps({"__type": "AccessDeniedException", "Message": "not you"})),
        (413, "<html>"),
    ],
)
def test_answer_is_understood_as_botocore_understands_it(
    ours: "DynamoDBClient", theirs: "DynamoDBClient", status: int, body: str
) -> None:
    answer = body.encode(errors="surrogatepass")

    assert _understood(ours, _Answer(status, answer)) == _understood(
        theirs, _Answer(status, answer)
    )


def test_botocore_without_these_events_only_ends_the_batches(ours: "DynamoDBClient") -> None:
    calls: list[str] = []

    def leave_empty(params: dict[str, Any], **_: object) -> None:
        params["body"] = b"{}"

    def answer(request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        calls.append(event_name.rpartition(".")[2])
        told = json.dumps({"__type": "ValidationException", "message": "no statements"})
        refused = _Answer(400, told.encode())
        return (refused if request.body == b"{}" else _Answer(200, b"{}"))(request)

    listener: Any = answer
    ours.meta.events.register_last("before-call.dynamodb.BatchExecuteStatement", leave_empty)
    ours.meta.events.register_first("before-send", listener)
    puts = DynamoStore(ours, "table", FakeClock()).put_many([a_record(one) for one in "abc"])

    assert [put.created for put in puts] == [True] * 3
    assert calls == ["BatchExecuteStatement", "PutItem", "PutItem", "PutItem"]
