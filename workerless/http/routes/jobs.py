"""Jobs: enqueue one, look for them, look at one, call one off, send one what it waits for."""

from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from workerless.http.desk import Desk
from workerless.http.idempotency import (
    IdempotencyKey,
    correlation_of,
    key_of,
    traceparent_of,
)
from workerless.http.parameter import (
    Cursor,
    ErrorType,
    Fingerprint,
    JobTypeName,
    Key,
    Limit,
    ReasonWord,
    Since,
    States,
    Tags,
    Tenant,
    Until,
    Wait,
    Words,
    search_of,
)
from workerless.http.problem import Problem
from workerless.http.request import header
from workerless.http.shape import (
    Enqueue,
    Enqueued,
    Event,
    EventTaken,
    JobPage,
    JobShape,
    Reason,
)
from workerless.http.view import job_page, job_shape
from workerless.job_type import JobType
from workerless.misfit import checked, misfit
from workerless.payload import Payload


def add(desk: Desk) -> None:
    """Adds the routes below ``/jobs``."""
    _add_enqueue(desk)
    _add_list(desk)
    _add_one(desk)


def _add_enqueue(desk: Desk) -> None:
    @desk.app.post("/jobs/<job_type>", status_code=202, operation_id="enqueueJob", tags=["jobs"])
    def enqueue(job_type: str, job: Enqueue, idempotency_key: IdempotencyKey = None) -> Enqueued:
        """Have a job done; the answer comes before it is."""
        declared, caller = desk.job_type(job_type), desk.caller
        queued = desk.client.enqueue(
            declared,
            _payload(declared, job),
            idempotency_key=key_of(caller, idempotency_key),
            delay=timedelta(milliseconds=job.delay_ms),
            attempts=job.attempts,
            tenant=caller.tenant,
            priority=job.priority,
            lane=job.lane,
            correlation_id=job.correlation_id
            or correlation_of(header(desk.app.current_event.raw_event, "x-correlation-id")),
            expires_in=None if job.expires_ms is None else timedelta(milliseconds=job.expires_ms),
            tags=job.tags,
            traceparent=traceparent_of(header(desk.app.current_event.raw_event, "traceparent")),
        )
        return Enqueued(
            job_id=queued.id,
            status="scheduled" if job.delay_ms else "queued",
            duplicate=queued.is_duplicate,
        )


def _payload(job_type: JobType[Any, Any], job: Enqueue) -> Payload:
    try:
        model: Payload = checked(job_type.payload, job.data)
    except ValidationError as error:
        found = misfit(error)
        raise Problem(400, "invalid_payload", found.message, field=found.field) from error
    return model


def _add_list(desk: Desk) -> None:
    @desk.app.get("/jobs", operation_id="listJobs", tags=["jobs"])
    def list_jobs(
        *,
        job_type: JobTypeName = None,
        states: States = None,
        tenant: Tenant = None,
        fingerprint: Fingerprint = None,
        error_type: ErrorType = None,
        reason: ReasonWord = None,
        tags: Tags = None,
        key: Key = None,
        text: Words = None,
        since: Since = None,
        until: Until = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> JobPage:
        """Jobs, the latest change first; all that is asked must hold."""
        search = search_of(
            desk.caller,
            job_type=job_type,
            states=states,
            tenant=tenant,
            fingerprint=fingerprint,
            error_type=error_type,
            reason=reason,
            tags=tags,
            key=key,
            text=text,
            since=since,
            until=until,
        )
        return job_page(desk.operations.jobs.find(search, limit=limit, cursor=cursor))


def _add_one(desk: Desk) -> None:
    @desk.app.get("/jobs/<job_id>", operation_id="getJob", tags=["jobs"])
    def show(job_id: str, wait: Wait = 0) -> JobShape:
        """One job as it is now, or when it has ended, if that is within `wait` seconds.

        Only so many callers of a stage may wait at once; others are answered now.
        """
        jobs, tenant = desk.operations.jobs, desk.caller.tenant
        now = jobs.get(job_id, tenant=tenant)
        if wait and not now.state.is_terminal:
            patience = timedelta(seconds=wait)
            with desk.seat(patience) as is_free:
                if is_free:
                    now = jobs.get(job_id, tenant=tenant, patience=patience)
        return job_shape(now)

    @desk.app.post("/jobs/<job_id>/cancel", operation_id="cancelJob", tags=["jobs"])
    def cancel(job_id: str, reason: Reason) -> JobShape:
        """Call off a job that waits or is held, and ask one that runs to end.

        The answer says `cancelled`, or `processing` of a job that was asked: its handler may heed
        that, or complete all the same.
        """
        desk.operations.jobs.cancel(job_id, reason=reason.why, tenant=desk.caller.tenant)
        return show(job_id)

    @desk.app.post(
        "/jobs/<job_id>/events/<name>", status_code=202, operation_id="sendEvent", tags=["jobs"]
    )
    def send_event(job_id: str, name: str, event: Event) -> EventTaken:
        """Give a job the event that it waits for, or will.

        The first one counts: the same again is answered as the first, another is 409, and so is
        one that comes when the job has waited long enough, or has ended.
        """
        tenant = desk.caller.tenant
        desk.operations.jobs.send_event(job_id, name, event.data, tenant=tenant)
        return EventTaken(job_id=job_id, name=name)
