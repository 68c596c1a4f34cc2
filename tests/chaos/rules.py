"""What the proxy does to calls, as one table. The first rule that matches and fires wins.

Each rule has the same probability and stands for one thing that can happen to a call on its way: it
is refused, it never arrives, it arrives and its answer is lost, or the answer is late or not whole.
"""

from collections.abc import Mapping
from typing import Any

type Rule = Mapping[str, Any]

CALLS = {
    "dynamodb": ("UpdateItem", "PutItem", "BatchExecuteStatement", "BatchGetItem", "Query"),
    "sqs": (
        "SendMessage",
        "SendMessageBatch",
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
    ),
    # Not GetObject: the proxy takes the length off every answer, and a file whose length is not
    # told is one that the library rightly takes for cut.
    "s3": ("PutObject",),
}

# What any service may answer instead of what was asked for.
_ANY_SERVICE: Mapping[str, Rule] = {
    "server_error": {"error": {"code": "InternalError", "status": 500}},
    "reset_before_commit": {"reset": True},
    "lost_answer": {"response": {"abort_bytes": 0}},
    "half_an_answer": {"response": {"abort_frac": 0.5}},
    "truncated_answer": {"response": {"truncate_frac": 0.5}},
    "corrupt_answer": {"response": {"corrupt_bytes": 3}},
    "late_answer": {"latency": {"dist": "uniform", "min": 100, "max": 600}},
    "hang": {"timeout_ms": 500},
}
_THROTTLE: Mapping[str, Mapping[str, Rule]] = {
    "dynamodb": {
        "throughput_exceeded": {"error": {"code": "ProvisionedThroughputExceededException"}},
        "throttled": {"error": {"code": "ThrottlingException"}},
    },
    # Not as SQS' own code, which reaches boto3 under a name that it does not retry.
    "sqs": {"throttled": {"error": {"code": "ServiceUnavailable", "status": 503}}},
    "s3": {"throttled": {"error": {"code": "SlowDown", "status": 503}}},
}


def kinds(service: str) -> Mapping[str, Rule]:
    """The faults of one service by name."""
    return {**_THROTTLE[service], **_ANY_SERVICE}


def rules(probability: float) -> list[Rule]:
    """Every fault for every call, each with this probability."""
    return [
        {"service": service, "operation": call, "probability": probability, **fault}
        for service, calls in CALLS.items()
        for call in calls
        for fault in kinds(service).values()
    ]
