"""Bulk operations: begin, follow, end, go on; and the audit of all that was done."""

from workerless.http.desk import Desk
from workerless.http.parameter import Cursor, Limit
from workerless.http.shape import Reason
from workerless.http.shape_of_operation import (
    AuditPage,
    CountsShape,
    OperationPage,
    OperationShape,
    Start,
)
from workerless.http.view_of_operation import (
    audit_entry,
    filter_of,
    operation_shape,
    search_in,
)
from workerless.ledger import Canary

_TAGS = ["operations"]


def add(desk: Desk) -> None:
    """Adds the routes below ``/operations``, and ``/audit``."""
    _add_start(desk)
    _add_one(desk)
    _add_audit(desk)


def _add_start(desk: Desk) -> None:
    @desk.app.post("/operations", status_code=202, operation_id="startOperation", tags=_TAGS)
    def start(wanted: Start) -> OperationShape:
        """Begin an operation on every job that the filter finds; or only count them."""
        if wanted.dry_run:
            return _counted(desk, wanted)
        operation = desk.operations.bulk.start(
            wanted.kind,
            search_in(wanted.filter),
            why=wanted.why,
            rate=wanted.rate,
            canary=_canary(wanted),
        )
        return operation_shape(operation)

    @desk.app.get("/operations", operation_id="listOperations", tags=_TAGS)
    def list_operations(limit: Limit = 50, cursor: Cursor = None) -> OperationPage:
        """All operations, the newest first."""
        sheet = desk.operations.bulk.list(limit=limit, cursor=cursor)
        return OperationPage(
            operations=[operation_shape(one) for one in sheet.items], cursor=sheet.cursor
        )


def _canary(wanted: Start) -> Canary | None:
    asked = wanted.canary
    if asked is None:
        return None
    return Canary(stages=tuple(asked.stages), max_failure_ratio=asked.max_failure_ratio)


def _counted(desk: Desk, wanted: Start) -> OperationShape:
    search = search_in(wanted.filter)
    count = desk.operations.bulk.count(wanted.kind, search)
    return OperationShape(
        id=None,
        kind=wanted.kind,
        state=None,
        phase=None,
        filter=filter_of(search),
        counts=CountsShape(
            total=count.number, at_least=count.at_least, done=0, skipped=0, failed=0
        ),
        by=desk.caller.name,
        why=wanted.why,
        created_at=None,
        updated_at=None,
        ended_at=None,
        ended_because=None,
        problems={},
    )


def _add_one(desk: Desk) -> None:
    path = "/operations/<operation_id>"

    @desk.app.get(path, operation_id="getOperation", tags=_TAGS)
    def show(operation_id: str) -> OperationShape:
        """One operation as it is now."""
        return operation_shape(desk.operations.bulk.get(operation_id))

    @desk.app.post(f"{path}/abort", operation_id="abortOperation", tags=_TAGS)
    def abort(operation_id: str, reason: Reason) -> OperationShape:
        """Have it take no more jobs."""
        return operation_shape(desk.operations.bulk.abort(operation_id, why=reason.why))

    @desk.app.post(f"{path}/resume", operation_id="resumeOperation", tags=_TAGS)
    def resume(operation_id: str) -> OperationShape:
        """Have one that was stopped or aborted go on."""
        return operation_shape(desk.operations.bulk.resume(operation_id))


def _add_audit(desk: Desk) -> None:
    @desk.app.get("/audit", operation_id="listAudit", tags=["audit"])
    def audit(limit: Limit = 50, cursor: Cursor = None) -> AuditPage:
        """Who did what, the newest first."""
        sheet = desk.operations.audit.list(limit=limit, cursor=cursor)
        return AuditPage(entries=[audit_entry(one) for one in sheet.items], cursor=sheet.cursor)
