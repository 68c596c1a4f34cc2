"""What SQS accepts as one message, checked before it is sent. Pure: no calls, no boto3.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

import math
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from workerless import limits
from workerless.message import TENANT
from workerless.ports import Outgoing, SendFailure

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import (
        MessageAttributeValueTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )

# What XML 1.0 cannot write of Unicode; SQS refuses a message with any of it. All that it can write,
# negated, would be shorter and take 4 ms to compile.
_FOREIGN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]|[\ud800-\udfff\ufffe\uffff]")
_ATTRIBUTE_NAME = re.compile(r"(?!(?i:aws\.|amazon\.))[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_MAX_ATTRIBUTE_NAME = 256
_DATA_TYPE = "String"


def refusal(message: Outgoing) -> SendFailure | None:
    """Why no queue would take the message; None when one would."""
    problem = _problem(message)
    return SendFailure(code="InvalidMessage", message=problem) if problem else None


def size_bytes(message: Outgoing) -> int:
    """What counts for the limits of message and batch: body and attributes, names and types too."""
    body = message.body
    return len(body if body.isascii() else body.encode()) + sum(
        len(name) + len(_DATA_TYPE) + len(value.encode())
        for name, value in attributes(message).items()
    )


def attributes(message: Outgoing) -> dict[str, str]:
    """The attributes as they can be sent.

    What SQS cannot carry is written as its escape, and an empty value (SQS has none) is left out:
    an error text full of control characters must not keep a dead letter from its queue.
    """
    if not message.attributes:  # as of all messages but dead letters
        return {}
    sent = {name: _FOREIGN.sub(_escape, value) for name, value in message.attributes.items()}
    return {name: value for name, value in sent.items() if value}


def entry(message: Outgoing, entry_id: str) -> "SendMessageBatchRequestEntryTypeDef":
    """The message as an entry of a SendMessageBatch."""
    sent: SendMessageBatchRequestEntryTypeDef = {
        "Id": entry_id,
        "MessageBody": message.body,
        "DelaySeconds": whole_seconds(message.delay),
        "MessageAttributes": {
            name: _attribute(value) for name, value in attributes(message).items()
        },
    }
    if message.group is not None:
        sent["MessageGroupId"] = message.group
    if message.traceparent is not None:
        from workerless.trace_context import to_xray  # noqa: PLC0415 -- workers hardly send any

        if header := to_xray(message.traceparent):
            sent["MessageSystemAttributes"] = {"AWSTraceHeader": _attribute(header)}
    return sent


def whole_seconds(delay: timedelta) -> int:
    """Rounded up: a message that comes back early would only be sent away again."""
    return math.ceil(delay.total_seconds())


def _problem(message: Outgoing) -> str | None:
    foreign = _FOREIGN.search(message.body)
    names = [name for name in message.attributes if not _is_attribute_name(name)]
    if not message.body:
        return "a body must not be empty"
    if foreign:
        return f"a body must hold only characters of XML 1.0, got {foreign.group()!a}"
    if not timedelta(0) <= message.delay <= limits.MAX_DELAY:
        return f"delay must be between 0 s and {limits.MAX_DELAY}, got {message.delay}"
    if message.group is not None and not TENANT.fullmatch(message.group):
        return f"group must match {TENANT.pattern}, got {ascii(message.group)[:60]}"
    if names:
        return f"an attribute's name must match {_ATTRIBUTE_NAME.pattern}, got {names[0]!a}"
    return _too_much(message)


def _too_much(message: Outgoing) -> str | None:
    if (count := len(attributes(message))) > limits.MAX_MESSAGE_ATTRIBUTES:
        return f"a message has at most {limits.MAX_MESSAGE_ATTRIBUTES} attributes, got {count}"
    if (size := size_bytes(message)) > limits.MAX_MESSAGE_BYTES:
        return f"body and attributes are at most {limits.MAX_MESSAGE_BYTES} bytes, got {size}"
    return None


def _is_attribute_name(name: str) -> bool:
    return len(name) <= _MAX_ATTRIBUTE_NAME and _ATTRIBUTE_NAME.fullmatch(name) is not None


def _attribute(value: str) -> "MessageAttributeValueTypeDef":
    return {"DataType": _DATA_TYPE, "StringValue": value}


def _escape(match: re.Match[str]) -> str:
    return ascii(match.group())[1:-1]
