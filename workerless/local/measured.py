"""What a local cloud measured: metrics on the lines of its functions, calls, and its queues.

The emulator makes no metrics of lines and of queues, and of functions only where somebody calls
them, which no queue does. ``is_known`` says of which alarms nothing can be said.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from workerless import metric, naming
from workerless.alarming.alarm import Alarm
from workerless.alarming.emf import samples_of
from workerless.alarming.metric import Metric, Sample, Samples
from workerless.local import gauge
from workerless.local.deploy import STAGE
from workerless.local.inventory import depths, inventory, lines_of
from workerless.local.state import Running
from workerless.logs import LogLine

_REPORT = re.compile(r"REPORT RequestId: \S+\tDuration: ([0-9.]+) ms")
_LAMBDA, _CALLS, _DURATION = "AWS/Lambda", "Invocations", "Duration"
_MILLISECONDS = 1_000
_KNOWN: Mapping[str, frozenset[str]] = {
    metric.NAMESPACE: frozenset(metric.UNITS),
    "AWS/SQS": frozenset(gauge.NAMES.values()),
    _LAMBDA: frozenset({_CALLS, _DURATION}),
}
_SERVING = (naming.sweeper, naming.operator, naming.ticker, naming.orchestrator, naming.api)


def measure(directory: Path, running: Running, since: float, until: float) -> Samples:
    """All that was measured from ``since`` to ``until`` (epoch seconds), each in order of time."""
    port = running.port
    functions = {one.function for one in inventory(port)} | {name(STAGE) for name in _SERVING}
    found = gauge.remember(directory, running.pid, at=until, depths=depths(port))
    lines: list[LogLine] = []
    for function in sorted(functions):
        told = lines_of(port, f"/aws/lambda/{function}", since_ms=int(since * _MILLISECONDS))
        found |= calls(function, told)
        lines += told
    return {**found, **samples_of(line.text for line in lines)}


def calls(function: str, lines: Iterable[LogLine]) -> dict[Metric, list[Sample]]:
    """What Lambda's own lines tell of a function: its calls, and how long they took."""
    ended = sorted(
        (line.at_ms / _MILLISECONDS, float(match[1]))
        for line in lines
        if (match := _REPORT.match(line.text))
    )
    if not ended:
        return {}
    return {
        Metric.of(_LAMBDA, _CALLS, FunctionName=function): [
            Sample(at=at, value=1) for at, _ in ended
        ],
        Metric.of(_LAMBDA, _DURATION, FunctionName=function): [
            Sample(at=at, value=took) for at, took in ended
        ],
    }


def is_known(alarm: Alarm) -> bool:
    """Whether all that an alarm watches is measured here."""
    watched = (one.metric for one in alarm.measures.values())
    return all(one.name in _KNOWN.get(one.namespace, ()) for one in watched)
