"""Checking a payload in: from a message too big to send to a small one and a file. Pure."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from workerless.data_ref import DataRef, payload_key
from workerless.errors import EnqueueRefusedError
from workerless.frozen import frozen
from workerless.limits import INLINE_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES
from workerless.message import Message
from workerless.payload import canonical_json


@frozen
class PayloadFile:
    """A payload to be stored before anything else of its job, for at least ``keep``."""

    key: str
    data: bytes
    keep: timedelta


def packed(
    message: Message, keep: timedelta, bucket: Callable[[], str]
) -> tuple[Message, str, PayloadFile | None]:
    """The message as it is sent, its body, and the file that its payload needs, if it does.

    Raises ``EnqueueRefusedError`` for a payload that cannot be one.
    """
    try:
        body = message.body()
    except (ValueError, TypeError, RecursionError) as error:
        raise EnqueueRefusedError(f"the payload must be JSON: {error}") from error
    if len(body) <= INLINE_PAYLOAD_BYTES:
        return message, body, None
    small, file = checked_in(message, keep=keep, bucket=bucket)
    return small, small.body() if file else body, file


def checked_in(
    message: Message, *, keep: timedelta, bucket: Callable[[], str]
) -> tuple[Message, PayloadFile | None]:
    """A message that SQS takes: ``message`` itself, or one that refers to the file beside it.

    ``bucket`` names where the file will lie, and is asked only then. Raises
    ``EnqueueRefusedError`` above ``MAX_PAYLOAD_BYTES``.
    """
    data = canonical_json(message.data).encode()
    if len(data) <= INLINE_PAYLOAD_BYTES:
        return message, None
    if len(data) > MAX_PAYLOAD_BYTES:
        raise EnqueueRefusedError(
            f"payload must be at most {MAX_PAYLOAD_BYTES} bytes of JSON in ASCII, got {len(data)}; "
            "store what is bigger yourself, and enqueue where it lies"
        )
    digest = hashlib.sha256(data).hexdigest()
    key = payload_key(message.job_type, message.job_id, digest)
    ref = DataRef(bucket=bucket(), key=key, digest=digest)
    return replace(message, data={}, ref=ref), PayloadFile(key=key, data=data, keep=keep)
