"""One thing that an emulator does otherwise than AWS, as a question with an answer."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

type Aws = Callable[[str], Any]
"""The client of a service, by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """``what`` is its row in ``docs/emulators.md``. None: that one is not asked."""

    what: str
    ask: Callable[[Aws], str]
    local: str | None = None
    moto: str | None = None


def answer(call: Callable[[], object]) -> str:
    """``accepted``, or the error's code; or ``not there``, of an operation that is not."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"]).rpartition(".")[2]
    except RuntimeError:  # how moto says that it has no such operation
        return "not there"
    return "accepted"


def queue(aws: Aws, **attributes: str) -> str:
    """The URL of a new queue."""
    made = aws("sqs").create_queue(QueueName=f"q-{uuid.uuid4()}", Attributes=attributes)
    return str(made["QueueUrl"])


def arn(aws: Aws, url: str) -> str:
    found = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(found["Attributes"]["QueueArn"])


def denying_everything() -> str:
    """A policy that leaves nobody any right."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
