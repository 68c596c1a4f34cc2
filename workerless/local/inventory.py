"""What is deployed to a running local cloud, read from what the stacks published."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from workerless import naming
from workerless.local import wire
from workerless.local.deploy import STAGE

_COUNTS = {
    "visible": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """One deployed job type and how many messages its queues hold now, all lanes together."""

    job_type: str
    function: str
    queue: str
    dead_letters: str
    visible: int
    in_flight: int
    delayed: int
    dead: int


def inventory(port: int) -> list[Deployed]:
    """The deployed job types by name. Raises ``NotRunningError`` when nothing answers."""
    path = naming.job_type_parameters(STAGE)
    found = []
    query: dict[str, Any] = {"Path": path, "Recursive": True}
    while True:
        page = wire.call(port, "ssm", "GetParametersByPath", query)
        found += [_deployed(port, parameter) for parameter in page["Parameters"]]
        if not page.get("NextToken"):
            return sorted(found, key=lambda deployed: deployed.job_type)
        query["NextToken"] = page["NextToken"]


def log_lines(port: int, function: str, *, limit: int) -> list[str]:
    """The last ``limit`` lines that ended invocations of ``function`` wrote."""
    configuration = wire.rest(port, "lambda", "GET", f"/2015-03-31/functions/{quote(function)}")
    group = configuration["Configuration"].get("LoggingConfig", {}).get("LogGroup")
    query: dict[str, Any] = {"logGroupName": group or f"/aws/lambda/{function}"}
    events: list[Mapping[str, Any]] = []
    while True:
        try:
            page = wire.call(port, "logs", "FilterLogEvents", query)
        except wire.CallRefusedError as refused:
            if refused.code != "ResourceNotFoundException":
                raise
            return []  # it has not run yet
        events += page["events"]
        if not page.get("nextToken"):
            break
        query["nextToken"] = page["nextToken"]
    return [str(event["message"]).rstrip() for event in events[-limit:]]


def _deployed(port: int, parameter: Mapping[str, Any]) -> Deployed:
    address = json.loads(parameter["Value"])
    queues = list((address.get("lanes") or {}).values()) or [address["queue"]]
    by_queue = [_counts(port, queue) for queue in queues]
    counts = {name: sum(one[name] for one in by_queue) for name in _COUNTS}
    dead = _counts(port, address["dead_letters"])
    return Deployed(
        job_type=str(parameter["Name"]).rpartition("/")[2],
        function=address["function"],
        queue=address["queue"],
        dead_letters=address["dead_letters"],
        visible=counts["visible"],
        in_flight=counts["in_flight"],
        delayed=counts["delayed"],
        dead=dead["visible"],
    )


def _counts(port: int, queue: str) -> dict[str, int]:
    answer = wire.call(
        port,
        "sqs",
        "GetQueueAttributes",
        {"QueueUrl": queue, "AttributeNames": list(_COUNTS.values())},
    )
    return {name: int(answer["Attributes"][aws_name]) for name, aws_name in _COUNTS.items()}
