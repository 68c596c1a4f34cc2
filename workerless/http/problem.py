"""What a caller is told when something cannot be done. Never a value of a payload. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from workerless import errors


class Problem(errors.WorkerlessError):
    """An answer that is no success. ``code`` is stable, one word; ``field`` names what is wrong."""

    def __init__(self, status: int, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field


_QUEUE_FULL = "queue_full"
# As often as it is looked how many wait.
_RETRY_AFTER_SECONDS = "2"
# The first that fits.
_PROBLEMS: tuple[tuple[type[errors.WorkerlessError], int, str], ...] = (
    (errors.JobNotFoundError, 404, "job_not_found"),
    (errors.OperationNotFoundError, 404, "operation_not_found"),
    (errors.ScheduleNotFoundError, 404, "schedule_not_found"),
    (errors.ContainerNotFoundError, 404, "workflow_not_found"),
    (errors.ResultMissingError, 404, "workflow_not_found"),
    (errors.UnknownJobTypeError, 404, "unknown_job_type"),
    (errors.JobConflictError, 422, "idempotency_key_reused"),
    (errors.JobStateError, 409, "wrong_state"),
    (errors.WorkflowStateError, 409, "wrong_state"),
    (errors.QueueFullError, 429, _QUEUE_FULL),
    (errors.CursorRefusedError, 400, "invalid_cursor"),
    (errors.EnqueueRefusedError, 400, "invalid_request"),
    (errors.OperationRefusedError, 400, "invalid_request"),
    (errors.EnqueueFailedError, 503, "not_sent_yet"),
    (errors.StoreUnavailableError, 503, "unavailable"),
    (errors.QueueUnavailableError, 503, "unavailable"),
    (errors.BlobsUnavailableError, 503, "unavailable"),
    (errors.PlatformUnavailableError, 503, "unavailable"),
)
_TOLD = {
    # One text whatever the reason: another tenant's job is one that does not exist.
    "job_not_found": "no such job",
    "unknown_job_type": "no such job type",
    "operation_not_found": "no such operation",
    "schedule_not_found": "no such schedule",
    "workflow_not_found": "no such workflow",
    "idempotency_key_reused": "this Idempotency-Key was used with another payload; use a new one",
    "not_sent_yet": "the job may be stored but is not known to be sent; "
    "repeat the request with the same Idempotency-Key",
    _QUEUE_FULL: "too many jobs of this type wait; repeat the request later",
    "unavailable": "a service does not answer; try again",
}
NOT_FOUND = Problem(404, "not_found", "no such resource")
FORBIDDEN = Problem(403, "forbidden", "not allowed")


def problem_of(error: BaseException) -> Problem | None:
    """The problem that ``error`` comes to; None for what nobody expected."""
    if isinstance(error, Problem):
        return error
    for kind, status, code in _PROBLEMS:
        if isinstance(error, kind):
            field = error.field if isinstance(error, errors.EnqueueRefusedError) else None
            return Problem(status, code, _TOLD.get(code) or str(error), field=field)
    return None


def answer(problem: Problem, request_id: str) -> dict[str, Any]:
    """The response, as API Gateway takes it."""
    body = {"code": problem.code, "message": problem.message, "request_id": request_id}
    if problem.field:
        body["field"] = problem.field
    told = response(problem.status, body)
    if problem.code == _QUEUE_FULL:
        told["headers"]["Retry-After"] = _RETRY_AFTER_SECONDS
    return told


def response(status: int, body: Mapping[str, Any]) -> dict[str, Any]:
    """A response with a JSON body, ASCII only: what steers a terminal is escaped."""
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
        "body": json.dumps(body, separators=(",", ":")),
        "isBase64Encoded": False,
    }
