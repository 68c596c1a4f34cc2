"""SQS: what the emulators take that it would not, and what they do not do."""

import contextlib
from typing import Any

from botocore.exceptions import ClientError

from tests.contract.emulators.difference import (
    Aws,
    Difference,
    answer,
    arn,
    denying_everything,
    queue,
)


def _sends(**message: Any) -> Any:
    def ask(aws: Aws) -> str:
        url = queue(aws)
        return answer(
            lambda: aws("sqs").send_message(QueueUrl=url, **{"MessageBody": "x"} | message)
        )

    return ask


def _attributes(*names: str, value: str = "v") -> dict[str, dict[str, str]]:
    return {name: {"DataType": "String", "StringValue": value} for name in names}


def _receipt(aws: Aws, url: str, *, visibility: int = 30) -> str:
    received = aws("sqs").receive_message(QueueUrl=url, VisibilityTimeout=visibility)
    return str(received["Messages"][0]["ReceiptHandle"])


def _hides(seconds: int, *, received_for: int = 30) -> Any:
    def ask(aws: Aws) -> str:
        url = queue(aws)
        aws("sqs").send_message(QueueUrl=url, MessageBody="x")
        receipt = _receipt(aws, url, visibility=received_for)
        return answer(
            lambda: aws("sqs").change_message_visibility(
                QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=seconds
            )
        )

    return ask


def _stale_delete(aws: Aws) -> str:
    url = queue(aws)
    aws("sqs").send_message(QueueUrl=url, MessageBody="x")
    stale = _receipt(aws, url, visibility=0)
    newest = _receipt(aws, url)
    said = answer(lambda: aws("sqs").delete_message(QueueUrl=url, ReceiptHandle=stale))
    with contextlib.suppress(ClientError):  # gone already, perhaps
        aws("sqs").change_message_visibility(
            QueueUrl=url, ReceiptHandle=newest, VisibilityTimeout=0
        )
    left = aws("sqs").receive_message(QueueUrl=url).get("Messages", [])
    return f"{said}, {'kept' if left else 'deleted'}"


def _first_ten(aws: Aws) -> str:
    """Whether a quiet tenant's message comes before a busy one's backlog."""
    url = queue(aws)
    for group in (*["busy"] * 15, "quiet"):
        aws("sqs").send_message(QueueUrl=url, MessageBody=group, MessageGroupId=group)
    received = aws("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    return "fair" if "quiet" in {one["Body"] for one in received} else "in order"


def _move_task(aws: Aws) -> str:
    source = arn(aws, queue(aws))
    return answer(lambda: aws("sqs").start_message_move_task(SourceArn=source))


def _denied(aws: Aws) -> str:
    url = queue(aws, Policy=denying_everything())
    return answer(lambda: aws("sqs").send_message(QueueUrl=url, MessageBody="x"))


def _disabled_key(aws: Aws) -> str:
    key = aws("kms").create_key()["KeyMetadata"]["KeyId"]
    aws("kms").disable_key(KeyId=key)
    url = queue(aws, KmsMasterKeyId=key)
    return answer(lambda: aws("sqs").send_message(QueueUrl=url, MessageBody="x"))


def _trace(aws: Aws) -> str:
    """Whether a message comes with the trace that it was sent with in a batch."""
    url = queue(aws)
    header = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3f"}}
    entry = {"Id": "0", "MessageBody": "x", "MessageSystemAttributes": header}
    aws("sqs").send_message_batch(QueueUrl=url, Entries=[entry])
    (received,) = aws("sqs").receive_message(
        QueueUrl=url, MessageSystemAttributeNames=["AWSTraceHeader"]
    )["Messages"]
    return "kept" if "AWSTraceHeader" in received.get("Attributes", {}) else "dropped"


_NEARLY_TOO_LONG = "x" * (1_048_576 - 100)

DIFFERENCES = (
    Difference(
        what="a delay over 900 s",
        ask=_sends(DelaySeconds=901),
        local="accepted",
        moto="InvalidParameterValue",
    ),
    Difference(
        what="a negative delay", ask=_sends(DelaySeconds=-1), local="accepted", moto="accepted"
    ),
    Difference(
        what="a visibility over 12 h",
        ask=_hides(43_201),
        local="accepted",
        moto="InvalidParameterValue",
    ),
    Difference(what="a negative visibility", ask=_hides(-5), local="accepted", moto="accepted"),
    Difference(
        what="hiding what is not in flight",
        ask=_hides(10, received_for=0),
        local="accepted",
        moto="accepted",
    ),
    Difference(
        what="deleting by an old receipt",
        ask=_stale_delete,
        local="ReceiptHandleIsInvalid, kept",
        moto="accepted, deleted",
    ),
    Difference(
        what="more than ten attributes",
        ask=_sends(MessageAttributes=_attributes(*"abcdefghijk")),
        local="accepted",
        moto="accepted",
    ),
    Difference(
        what="attributes in the size of a message",
        ask=_sends(
            MessageBody=_NEARLY_TOO_LONG, MessageAttributes=_attributes("a", value="v" * 200)
        ),
        local="accepted",
        moto="accepted",
    ),
    Difference(
        what="reserved names of attributes",
        ask=_sends(MessageAttributes=_attributes("AWS.x")),
        local="accepted",
        moto="accepted",
    ),
    Difference(
        what="empty attributes",
        ask=_sends(MessageAttributes=_attributes("a", value="")),
        local="accepted",
        moto="accepted",
    ),
    Difference(
        what="groups with a blank",
        ask=_sends(MessageGroupId="a b"),
        local="accepted",
        moto="accepted",
    ),
    Difference(what="traces of messages sent in a batch", ask=_trace, local="dropped"),
    Difference(what="fair queues", ask=_first_ten, local="in order", moto="in order"),
    Difference(
        what="moving dead letters back",
        ask=_move_task,
        local="InvalidAction",
        moto="not there",
    ),
    Difference(what="queue policies", ask=_denied, local="accepted", moto="accepted"),
    Difference(what="a disabled key", ask=_disabled_key, local="accepted", moto="accepted"),
)
