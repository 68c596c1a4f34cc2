"""From what the operations know to what is shown over HTTP. Pure."""

from typing import Any

from workerless.handle import JobStatus
from workerless.http.budget import Budget
from workerless.http.shape import AttemptErrorShape, JobPage, JobRow, JobShape
from workerless.http.shape_of_dead import (
    DeadAttempt,
    DeadJobDetail,
    DeadJobPage,
    DeadJobShape,
    GroupShape,
    HappeningShape,
)
from workerless.operations.dead_job import DeadDetail, DeadJob, DeadPage
from workerless.operations.group import Group
from workerless.search import Hits, Listed


def job_shape(status: JobStatus[Any]) -> JobShape:
    """A job in full."""
    kept, omitted = Budget().fit(data=status.data, result=status.result)
    return JobShape(
        id=status.id,
        type=status.type,
        state=status.state,
        progress=status.progress.percent if status.progress else None,
        progress_step=status.progress.step if status.progress else None,
        cursor=status.cursor,
        continuations=status.continuations,
        data=kept["data"],
        result=kept["result"],
        failed_reason=status.failed_reason,
        attempts_made=status.attempt,
        max_attempts=status.max_attempts,
        enqueued_at=status.enqueued_at,
        run_at=status.run_at,
        started_at=status.started_at,
        finished_at=status.finished_at,
        last_heartbeat=status.last_heartbeat,
        stalled_at=status.stalled_at,
        tenant=status.tenant,
        lane=status.lane,
        correlation_id=status.correlation_id,
        parent_id=status.parent_id,
        traceparent=status.traceparent,
        errors=[
            AttemptErrorShape(
                attempt=one.attempt, at=one.at, error_type=one.error_type, message=one.message
            )
            for one in status.errors
        ],
        omitted=omitted,
    )


def job_page(hits: Hits) -> JobPage:
    """A page of a list."""
    return JobPage(jobs=[_row(one) for one in hits.rows], cursor=hits.cursor)


def _row(row: Listed) -> JobRow:
    return JobRow(
        id=row.job_id,
        type=row.job_type,
        state=row.state,
        failed_reason=row.reason,
        error_type=row.error_type,
        error=row.message,
        fingerprint=row.fingerprint,
        attempts_made=row.attempt,
        max_attempts=row.max_attempts,
        enqueued_at=row.enqueued_at,
        run_at=row.run_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        updated_at=row.updated_at,
        tenant=row.tenant,
        tags=list(row.tags),
    )


def dead_page(page: DeadPage) -> DeadJobPage:
    """A page of dead jobs; the first payloads are shown, as many as there is room for."""
    budget = Budget()
    return DeadJobPage(
        jobs=[DeadJobShape(**_dead(one, budget)) for one in page.items], cursor=page.cursor
    )


def dead_detail(detail: DeadDetail) -> DeadJobDetail:
    """All that is known of a dead job."""
    budget = Budget()
    texts, omitted = budget.fit(**{str(n): text for n, text in enumerate(detail.texts)})
    shown = _dead(detail.job, budget)
    shown["omitted"] += ["attempts.text"] if omitted else []
    return DeadJobDetail(
        **shown,
        attempts=[
            DeadAttempt(
                attempt=error.attempt,
                at=error.at,
                error_type=error.error_type,
                text=texts[str(n)] or error.message,
            )
            for n, error in enumerate(detail.errors)
        ],
        timeline=[
            HappeningShape(at=one.at, what=one.what, detail=one.detail) for one in detail.timeline
        ],
    )


def _dead(job: DeadJob, budget: Budget) -> dict[str, Any]:
    kept, omitted = budget.fit(data=job.data)
    return {
        "id": job.job_id,
        "data": kept["data"],
        "failed_reason": job.reason,
        "attempts_made": job.attempts,
        "timestamp": job.failed_at,
        "error_type": job.error_type,
        "error": job.message,
        "fingerprint": job.fingerprint,
        "enqueued_at": job.enqueued_at,
        "tenant": job.tenant,
        "moved_by_sqs": job.moved_by_sqs,
        "omitted": omitted,
    }


def group_shape(group: Group) -> GroupShape:
    """A group of dead jobs."""
    return GroupShape(
        fingerprint=group.fingerprint,
        error_type=group.error_type,
        sample_message=group.sample_message,
        sample_ids=list(group.sample_ids),
        count=group.count,
        at_least=group.at_least,
        first_seen=group.first_seen,
        last_seen=group.last_seen,
        status=group.status,
        by=group.by,
        at=group.at,
        why=group.why,
    )
