"""Payloads that a checkout knows of: those in its ``events/``, and those of its schedules."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workerless.contract.recorded import Sample
from workerless.job_type import JobType
from workerless.message import MalformedMessage, Message, read
from workerless.naming import resource, without_lane
from workerless.payload import read_payload
from workerless.upcast import upcast

FOLDER = "events"


def fit(job_type: JobType[Any, Any], sample: Sample) -> None:
    """Have ``sample`` read as a worker would. Raises what upcasters and validators raise."""
    data = upcast(
        # An upcaster may change what is within, too.
        json.loads(json.dumps(sample.data)),
        version=sample.version,
        present=job_type.version,
        upcasters=job_type.upcasters,
    )
    read_payload(job_type.payload, data)


def samples(root: Path, job_type: JobType[Any, Any]) -> list[Sample]:
    """What is known of a job type's payloads. Those that a worker would refuse are left out."""
    scheduled = [
        Sample(version=job_type.version, data=job_type.data(one.payload))
        for one in job_type.schedules
    ]
    return [*(one for one in _told(root, job_type) if _fits(job_type, one)), *scheduled]


def _told(root: Path, job_type: JobType[Any, Any]) -> Iterator[Sample]:
    for path in sorted((root / FOLDER).glob("*.json")):
        for record in _records(path):
            message = _message(record, job_type)
            if message is not None and message.ref is None:
                version = message.version or job_type.version
                yield Sample(version=version, data=dict(message.data))


def _records(path: Path) -> list[Mapping[str, Any]]:
    """The records of an event of SQS; none where the file is something else."""
    try:
        event = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return []
    records = event.get("Records") if isinstance(event, dict) else None
    return [one for one in records or () if isinstance(one, dict)]


def _message(record: Mapping[str, Any], job_type: JobType[Any, Any]) -> Message | None:
    """The message in ``record``, if it came from a queue of ``job_type``, in whatever stage."""
    queue = without_lane(str(record.get("eventSourceARN")).rpartition(":")[2])
    stage = queue.split("-")[1] if queue.count("-") > 1 else ""
    if queue != resource(stage, job_type.name):
        return None
    try:
        return read(str(record.get("body")), job_type=job_type.name, message_id="sample")
    except MalformedMessage:
        return None


def _fits(job_type: JobType[Any, Any], sample: Sample) -> bool:
    try:
        fit(job_type, sample)
    except Exception:  # noqa: BLE001 -- validators and upcasters are a team's own code
        return False
    return sample.version <= job_type.version
