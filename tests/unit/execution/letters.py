"""Letters as a test names them: what lies in the dead-letter queue of job type ``task``."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workerless.execution.letter import Letter, letter_of
from workerless.payload import digest
from workerless.ports import Received
from workerless.record import Record
from workerless.testing.clock import START
from workerless.testing.sample import a_record

DATA = {"text": "x"}
BARE = json.dumps(DATA)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def event(**changes: Any) -> str:
    """The body of a foreign event; with a ``generation`` it is one of ours."""
    whole = {"specversion": "1.0", "id": "job", "source": "shop", "type": "task", "data": DATA}
    return json.dumps(whole | changes)


OURS = event(generation=1)


def a_letter(
    body: str = OURS,
    attributes: Mapping[str, str] | None = None,
    *,
    sent_at: datetime = START,
    message_id: str = "job",
) -> Letter:
    """One that SQS moved, unless ``attributes`` give a reason: then they name the job, too."""
    told = dict(attributes or {})
    if "reason" in told:
        told = {"job_id": "job", "job_type": "task", **told}
    received = Received(
        message_id=message_id,
        receipt="receipt",
        body=body,
        attributes=told,
        group=None,
        sent_at=sent_at,
        receive_count=1,
    )
    return letter_of(received, "task", "files")


def its_record(**changes: Any) -> Record:
    """The record of the job of ``a_letter``."""
    known: dict[str, Any] = {"job_type": "task", "digest": digest(DATA), "body": event()}
    return a_record("job", **known | changes)
