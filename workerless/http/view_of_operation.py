"""Bulk operations and the audit as they are shown over HTTP. Pure."""

from workerless.http.shape_of_operation import AuditEntry, CountsShape, Filter, OperationShape
from workerless.ledger import Entry, Operation
from workerless.search import Search


def operation_shape(operation: Operation) -> OperationShape:
    """A bulk operation."""
    counts = operation.counts
    return OperationShape(
        id=operation.operation_id,
        kind=operation.kind,
        state=operation.stand,
        phase=operation.phase,
        filter=filter_of(operation.search),
        counts=CountsShape(
            total=counts.total,
            at_least=counts.at_least,
            done=counts.done,
            skipped=counts.skipped,
            failed=counts.failed,
        ),
        by=operation.by,
        why=operation.why,
        created_at=operation.created_at,
        updated_at=operation.updated_at,
        ended_at=operation.ended_at,
        ended_because=operation.ended_because,
        problems=dict(operation.problems),
    )


def filter_of(search: Search) -> Filter:
    """A search as it was asked for."""
    return Filter(
        type=search.job_type,
        state=sorted(search.states),
        tenant=search.tenant,
        fingerprint=search.fingerprint,
        error_type=search.error_type,
        reason=search.reason,
        tags=sorted(search.tags),
        text=search.text,
        since=search.since,
        until=search.until,
    )


def search_in(wanted: Filter) -> Search:
    """What a filter looks for."""
    return Search(
        job_type=wanted.type,
        states=frozenset(wanted.state),
        tenant=wanted.tenant,
        fingerprint=wanted.fingerprint,
        error_type=wanted.error_type,
        reason=wanted.reason,
        tags=frozenset(wanted.tags),
        text=wanted.text,
        since=wanted.since,
        until=wanted.until,
    )


def audit_entry(entry: Entry) -> AuditEntry:
    """A line of the audit."""
    return AuditEntry(
        id=entry.entry_id,
        at=entry.at,
        by=entry.by,
        verb=entry.verb,
        on=entry.on,
        why=entry.why,
        outcome=entry.outcome,
        number=entry.number,
    )
