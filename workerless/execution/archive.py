"""Dead letters as files: what SQS would delete after 14 days is kept for more than a year.

So is the payload that a letter only refers to.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from workerless import naming
from workerless.errors import BlobNotFoundError
from workerless.execution.letter import Letter
from workerless.ports import Blobs
from workerless.record import Record

_RETENTION = timedelta(days=400)


def archive(
    letter: Letter, record: Record | None, attributes: Mapping[str, str], blobs: Blobs
) -> None:
    """Write the file of a letter, over itself if it is there. Raises ``BlobsUnavailableError``.

    A JSON object: ``job_id``, ``job_type``, ``message_id``, ``sent_at``, ``attributes``, ``body``
    as text, ``payload`` (``inline``, ``kept`` where the file that the body refers to is kept for as
    long, or ``missing``), and ``record`` with ``state``, ``reason`` and ``errors``, or null.
    """
    arrival = letter.arrival
    payload = _keep_payload(letter, blobs)  # first: who dies in between archives the letter again
    told = {
        "job_id": letter.job_id,
        "job_type": arrival.message.job_type,
        "message_id": arrival.message_id,
        "sent_at": arrival.sent_at.isoformat(),
        "attributes": dict(attributes),
        "body": arrival.body,
        "payload": payload,
        "record": _shown(record) if record is not None and letter.is_of(record) else None,
    }
    blobs.put(key_of(letter), json.dumps(told).encode(), keep=_RETENTION)


def _keep_payload(letter: Letter, blobs: Blobs) -> str:
    ref = letter.arrival.message.ref
    if ref is None:
        return "inline"
    try:
        blobs.extend(ref.key, keep=_RETENTION)
    except BlobNotFoundError:
        return "missing"
    return "kept"


def key_of(letter: Letter) -> str:
    """The same however often it is archived: the day is that on which it was sent."""
    arrival = letter.arrival
    day = f"{arrival.sent_at:%Y-%m-%d}"
    return naming.archived_letter(arrival.message.job_type, day, arrival.message_id)


def _shown(record: Record) -> dict[str, Any]:
    errors = [asdict(error) | {"at": error.at.isoformat()} for error in record.errors]
    return {"state": record.state.value, "reason": record.reason, "errors": errors}
