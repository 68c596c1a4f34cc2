"""How workflows and batches look over HTTP."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from workerless.http.shape import Shape, Why
from workerless.workflow.definition import MAX_STEPS, Kind
from workerless.workflow.standing import Standing


class WorkflowRow(Shape):
    """A workflow or batch in a list."""

    id: str
    name: str
    kind: Kind
    state: str = Field(examples=["running", "compensating", "completed_with_errors"])
    tenant: str | None
    description: str | None
    tags: list[str]
    part_of: str | None = Field(description="the id of the workflow or batch around it")
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None


class WorkflowPage(Shape):
    """A page of a list, the last changed first; null `cursor`: no more follow."""

    workflows: list[WorkflowRow]
    cursor: str | None


class StepShape(Shape):
    """A step of a workflow."""

    name: str
    standing: Standing
    epoch: int
    id: str = Field(description="of its job, or of its part")
    is_part: bool
    at: datetime | None = Field(description="when it came to where it stands")
    compensation: Standing | None = Field(description="null where it is not to be made good")


class WorkflowShape(WorkflowRow):
    """A workflow or batch: the numbers are of its steps, or of its members."""

    total: int
    completed: int
    failed: int
    cancelled: int
    steps: list[StepShape]
    not_compensated: list[str] = Field(description="steps whose compensation failed")
    reason: str | None = Field(description="why it was cancelled")


class CourseShape(Shape):
    """How far a job that runs says it is."""

    percent: float | None
    doing: str | None
    cursor: Any = Field(description="where a long job goes on")
    continuations: int = Field(description="how often it did")


class BranchShape(Shape):
    """A step in a tree: a job of `job_type`, or a `part`."""

    name: str
    standing: Standing
    id: str | None = Field(description="null where it has not begun")
    epoch: int
    at: datetime | None
    compensation: Standing | None
    after: list[str]
    job_type: str | None
    part: "TreeShape | None"
    course: CourseShape | None = Field(
        description="of up to 100 jobs that run; null where one tells nothing"
    )


class TreeShape(Shape):
    """A workflow or batch with all parts within; one that has not begun is `waiting`."""

    id: str | None
    name: str
    kind: Kind
    state: str
    total: int
    completed: int
    failed: int
    cancelled: int
    branches: list[BranchShape] = Field(description="none of a batch")
    is_whole: bool = Field(
        description="false of a part beyond those looked into: 500, and 2,000 pages of batches"
    )


class CancelWorkflow(Shape):
    """Why it shall end, and whether what it did is made good."""

    why: Why = Field(examples=["the customer withdrew"])
    compensate: bool = True


class RetryWorkflow(Shape):
    """Steps that begin anew besides what failed; `all` are all of them."""

    why: Why | None = None
    steps: Annotated[list[str], Field(max_length=MAX_STEPS)] = Field(default_factory=list)
    all: bool = False
