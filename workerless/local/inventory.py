"""What is deployed to a running local cloud, read from what the stacks published."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from workerless import naming
from workerless.local import wire
from workerless.local.deploy import STAGE
from workerless.logs import LogLine

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
    lines = lines_of(port, group or f"/aws/lambda/{function}")
    return [line.text for line in lines[-limit:]]


def lines_of(port: int, group: str, *, since_ms: int = 0) -> list[LogLine]:
    """What stands in a log group from ``since_ms`` on; nothing where nobody has run yet."""
    query: dict[str, Any] = {"logGroupName": group, "startTime": since_ms}
    events: list[Mapping[str, Any]] = []
    while True:
        try:
            page = wire.call(port, "logs", "FilterLogEvents", query)
        except wire.CallRefusedError as refused:
            if refused.code != "ResourceNotFoundException":
                raise
            return []
        events += page["events"]
        if not page.get("nextToken"):
            break
        query["nextToken"] = page["nextToken"]
    return [
        LogLine(at_ms=int(event["timestamp"]), text=str(event["message"]).rstrip())
        for event in events
    ]


def depths(port: int) -> dict[str, dict[str, int]]:
    """What the stage's queues hold now, by name: ``visible``, ``in_flight``, ``delayed``."""
    told = wire.call(port, "sqs", "ListQueues", {"QueueNamePrefix": naming.table(STAGE)})
    urls = told.get("QueueUrls") or []
    return {str(url).rpartition("/")[2]: _counts(port, url) for url in urls}


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
