"""Another payload for a dead job, checked against its job type's model as a producer's would be."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from workerless.claim_check import checked_in
from workerless.data_ref import payload_keep
from workerless.errors import EnqueueRefusedError
from workerless.hidden import Hidden, check_seen, hidden_in
from workerless.job_type import JobType
from workerless.message import MalformedMessage, Message, read
from workerless.misfit import checked, misfit
from workerless.operations.autopsy import data_of
from workerless.operations.desk import Desk
from workerless.payload_file import store_files
from workerless.record import Record
from workerless.redrive import Edit
from workerless.search_key import keys_of
from workerless.tracking import Tracking


def edited(record: Record, data: Mapping[str, Any], desk: Desk, *, delay: timedelta) -> Edit:
    """The job's message with ``data`` in it; a file that it needs is stored.

    Raises ``EnqueueRefusedError`` naming the field that does not fit, or that the job type's
    declaration is not at hand; and ``BlobsUnavailableError``.
    """
    declared = desk.declared(record.job_type)
    if declared is None:
        raise EnqueueRefusedError(
            f"a payload of {record.job_type} cannot be checked here: its declaration "
            "(functions/*/job.py) is not at hand; edit it from a checkout, or through the API"
        )
    try:
        whole = _unveiled(record, data, declared, desk)
        payload = checked(declared.payload, whole)
    except ValidationError as error:
        wrong = misfit(error)
        raise EnqueueRefusedError(str(wrong), field=wrong.field) from error
    check_seen(whole, declared.payload)
    told = declared.data(payload)
    is_recorded = declared.tracking is not Tracking.OFF
    message = replace(
        _envelope(record, declared),
        data=told,
        ref=None,
        version=declared.version,
        generation=record.generation if is_recorded else None,
    )
    keep = payload_keep(delay, declared.failed_retention)
    message, file = checked_in(message, keep=keep, bucket=lambda: desk.blobs.bucket)
    try:
        body = message.body()
    except (ValueError, RecursionError) as error:
        raise EnqueueRefusedError(f"the payload must be JSON: {error}", field="data") from error
    store_files([file], desk.blobs)
    search_keys = keys_of(declared.search_keys, told)
    return Edit(body=body, digest=message.digest, search_keys=search_keys)


def _unveiled(
    record: Record, data: Mapping[str, Any], declared: JobType[Any, Any], desk: Desk
) -> dict[str, Any]:
    """``data`` with what its author was not shown, where that is as it was."""
    hidden, was = (
        hidden_in(declared.payload, None, declared.version),
        _envelope(record, declared).version,
    )
    if not hidden.payload or was not in (None, declared.version):
        return dict(data)
    from workerless.sensitive import restored  # noqa: PLC0415 -- most have nothing to hide

    before = data_of(record, desk.blobs, Hidden())
    return dict(restored(data, before, hidden.paths(record.reason)))


def _envelope(record: Record, declared: JobType[Any, Any]) -> Message:
    """Its own where that can be read, else one as its producer should have made it."""
    try:
        message = read(record.body, job_type=declared.name, message_id=record.job_id)
        # Without records it runs beside its namesakes, whatever it was filed under.
        is_recorded = declared.tracking is not Tracking.OFF
        return replace(message, job_id=record.job_id) if is_recorded else message
    except MalformedMessage:
        return Message(
            job_id=record.job_id,
            job_type=declared.name,
            data={},
            time=record.enqueued_at,
            tenant=record.tenant,
            lane=record.lane,
            correlation_id=record.correlation_id or record.job_id,
            parent_id=record.parent_id,
            tags=record.tags,
            member_of=record.member_of,
        )
