"""How much is in the queues of a local cloud, remembered from look to look.

SQS tells it to CloudWatch each minute and keeps no past; here somebody has to look.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from workerless.alarming.metric import Metric, Sample

NAMES = {
    "visible": "ApproximateNumberOfMessagesVisible",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}
# A day of looks, one a minute.
_MOST_LOOKS = 1_440

# By the name of a queue, what ``inventory.depths`` tells of it.
type Depths = Mapping[str, Mapping[str, int]]


def remember(
    directory: Path, cloud: int, *, at: float, depths: Depths
) -> dict[Metric, list[Sample]]:
    """Notes one look, and tells all of them since the ``cloud`` of that process began."""
    file = directory / f"gauges-{cloud}.jsonl"
    for other in directory.glob("gauges-*.jsonl"):
        if other != file:
            other.unlink(missing_ok=True)  # of a cloud that ended
    seen = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    seen.append(json.dumps({"at": at, "queues": depths}))
    seen = seen[-_MOST_LOOKS:]
    # Two commands may look at once: one of the looks is lost then, and nothing else.
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text("\n".join(seen) + "\n", encoding="utf-8")
    fresh.replace(file)
    found: dict[Metric, list[Sample]] = {}
    for line in seen:
        _add(found, json.loads(line))
    return found


def _add(found: dict[Metric, list[Sample]], seen: Mapping[str, object]) -> None:
    at, queues = seen["at"], seen["queues"]
    if not isinstance(at, int | float) or not isinstance(queues, dict):
        return
    for queue, counts in queues.items():
        for name, value in counts.items():
            metric = Metric.of("AWS/SQS", NAMES[name], QueueName=queue)
            found.setdefault(metric, []).append(Sample(at=at, value=value))
