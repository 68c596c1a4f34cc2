"""The batch response: the one place that builds it.

Lambda takes a malformed response (an unknown or empty id, a wrong key) for the failure of the whole
batch, so no other code may return a dictionary.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from collections.abc import Sequence
from typing import TypedDict


class ItemFailure(TypedDict):
    """One message that Lambda must not delete."""

    itemIdentifier: str


class BatchResponse(TypedDict):
    """What Lambda expects of a function with ``ReportBatchItemFailures``."""

    batchItemFailures: list[ItemFailure]


def batch_response(received: Sequence[str], kept: Sequence[str]) -> BatchResponse:
    """Delete all ``received`` messages but the ``kept`` ones.

    Raises ``ValueError`` for a kept id that was not received: Lambda would fail the whole batch.
    """
    unknown = set(kept) - set(received)
    if unknown or not all(kept):
        raise ValueError(f"kept message ids must be among those received, got {sorted(unknown)}")
    return {"batchItemFailures": [{"itemIdentifier": one} for one in dict.fromkeys(kept)]}
