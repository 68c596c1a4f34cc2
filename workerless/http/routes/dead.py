"""Dead letters: list, show, retry one or all, discard, archive, clean."""

from datetime import timedelta

from workerless.errors import JobStateError
from workerless.http.desk import Desk
from workerless.http.parameter import (
    Cursor,
    ErrorType,
    Fingerprint,
    Limit,
    OlderThan,
    ReasonWord,
    Since,
    Tenant,
    Until,
    Words,
    search_of,
)
from workerless.http.problem import Problem
from workerless.http.shape import Reason
from workerless.http.shape_of_dead import (
    Cleaned,
    DeadJobDetail,
    DeadJobPage,
    Done,
    Retried,
    Retry,
    Word,
)
from workerless.http.view import dead_detail, dead_page
from workerless.ledger import Kind
from workerless.search import Search

_TAGS = ["dead letters"]


def add(desk: Desk) -> None:
    """Adds the routes below ``/queues/{job_type}/dead``."""
    _add_list(desk)
    _add_retry(desk)
    _add_dismiss(desk)
    _add_bulk(desk)


def _add_list(desk: Desk) -> None:
    @desk.app.get("/queues/<job_type>/dead", operation_id="listDeadJobs", tags=_TAGS)
    def list_dead(
        *,
        job_type: str,
        tenant: Tenant = None,
        fingerprint: Fingerprint = None,
        error_type: ErrorType = None,
        reason: ReasonWord = None,
        text: Words = None,
        since: Since = None,
        until: Until = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> DeadJobPage:
        """Dead jobs of one type with their payloads, the latest first."""
        search = search_of(
            desk.caller,
            job_type=desk.queue(job_type),
            tenant=tenant,
            fingerprint=fingerprint,
            error_type=error_type,
            reason=reason,
            text=text,
            since=since,
            until=until,
        )
        found = desk.operations.dead.list(search, limit=limit, cursor=cursor, with_data=True)
        return dead_page(found)

    @desk.app.get("/queues/<job_type>/dead/<job_id>", operation_id="getDeadJob", tags=_TAGS)
    def show(job_type: str, job_id: str) -> DeadJobDetail:
        """One dead job: payload, every error in full, what happened when."""
        tenant = desk.caller.tenant
        return dead_detail(desk.operations.dead.show(job_id, job_type=job_type, tenant=tenant))


def _add_retry(desk: Desk) -> None:
    @desk.app.post("/queues/<job_type>/dead/<job_id>/retry", operation_id="retryJob", tags=_TAGS)
    def retry(job_type: str, job_id: str, how: Retry | None = None) -> Done:
        """Have one dead job run again, maybe with another payload."""
        how = how or Retry()
        try:
            desk.operations.dead.retry(
                job_id,
                why=how.why,
                data=how.data,
                delay=timedelta(milliseconds=how.delay_ms),
                force=how.force,
                job_type=job_type,
                tenant=desk.caller.tenant,
            )
        except JobStateError as error:
            raise Problem(400, "wrong_state", str(error)) from error
        return Done(success=True)


def _add_dismiss(desk: Desk) -> None:
    path = "/queues/<job_type>/dead/<job_id>"

    @desk.app.post(f"{path}/discard", operation_id="discardJob", tags=_TAGS)
    def discard(job_type: str, job_id: str, reason: Reason) -> Done:
        """Be done with one dead job."""
        tenant = desk.caller.tenant
        desk.operations.dead.discard(job_id, why=reason.why, job_type=job_type, tenant=tenant)
        return Done(success=True)

    @desk.app.post(f"{path}/archive", operation_id="archiveJob", tags=_TAGS)
    def archive(job_type: str, job_id: str, reason: Reason) -> Done:
        """Keep one dead job as a file, and be done with it."""
        tenant = desk.caller.tenant
        desk.operations.dead.archive(job_id, why=reason.why, job_type=job_type, tenant=tenant)
        return Done(success=True)


def _add_bulk(desk: Desk) -> None:
    @desk.app.post("/queues/<job_type>/dead/retry-all", operation_id="retryAllJobs", tags=_TAGS)
    def retry_all(job_type: str, word: Word | None = None) -> Retried:
        """Have all dead jobs of one type run again."""
        search = Search(job_type=desk.queue(job_type))
        number, operation_id = desk.carry_out(Kind.RETRY, search, why=word.why if word else None)
        return Retried(retried=number, operation_id=operation_id)

    @desk.app.delete("/queues/<job_type>/dead", operation_id="cleanDeadJobs", tags=_TAGS)
    def clean(job_type: str, older_than: OlderThan) -> Cleaned:
        """Be done with the dead jobs of one type that failed longer ago than that."""
        until = desk.clock.now() - timedelta(milliseconds=older_than)
        search = Search(job_type=desk.queue(job_type), until=until)
        number, operation_id = desk.carry_out(Kind.DISCARD, search, why="cleaned")
        return Cleaned(cleaned=number, operation_id=operation_id)
