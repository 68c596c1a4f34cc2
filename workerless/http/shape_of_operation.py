"""How bulk operations and the audit look over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from workerless.http.shape import Shape, Why
from workerless.ledger import Kind, Phase, Stand
from workerless.operations.canary import MAX_STAGE, MAX_STAGES
from workerless.states import State

Text = Annotated[str, Field(min_length=1, max_length=200)]


class Filter(Shape):
    """Which jobs; all that is said must hold."""

    type: Text | None = None
    state: list[State] = Field(default_factory=list)
    tenant: Text | None = None
    fingerprint: Text | None = None
    error_type: Text | None = None
    reason: Text | None = None
    tags: list[Text] = Field(default_factory=list)
    text: Text | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class CanaryShape(Shape):
    """Few jobs first; it stops where more than `maxFailureRatio` of them fail again."""

    stages: list[Annotated[int, Field(ge=1, le=MAX_STAGE)]] = Field(
        default_factory=lambda: [1, 10], max_length=MAX_STAGES
    )
    max_failure_ratio: Annotated[float, Field(ge=0, le=1)] = 0.1


class Start(Shape):
    """An operation to begin. With `dryRun` nothing is done but counting."""

    kind: Kind
    filter: Filter
    why: Why | None = None
    rate: Annotated[float, Field(gt=0, le=10_000, description="jobs a second")] | None = None
    canary: CanaryShape | None = None
    dry_run: bool = False


class CountsShape(Shape):
    """How far it is, in jobs."""

    total: int
    at_least: bool
    done: int
    skipped: int
    failed: int


class OperationShape(Shape):
    """A bulk operation; without an id it is a dry run's count."""

    id: str | None
    kind: Kind
    state: Stand | None
    phase: Phase | None
    filter: Filter
    counts: CountsShape
    by: str
    why: str | None
    created_at: datetime | None
    updated_at: datetime | None
    ended_at: datetime | None
    ended_because: str | None
    problems: dict[str, str]


class OperationPage(Shape):
    """Some operations, the newest first."""

    operations: list[OperationShape]
    cursor: str | None


class AuditEntry(Shape):
    """Who did what, when, why, and to how many; without an outcome it is not known to be done."""

    id: str
    at: datetime
    by: str
    verb: str
    on: str
    why: str | None
    outcome: str | None
    number: int | None


class AuditPage(Shape):
    """Some of the audit, the newest first."""

    entries: list[AuditEntry]
    cursor: str | None
