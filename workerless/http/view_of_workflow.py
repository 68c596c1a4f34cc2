"""Workflows and batches as they are shown over HTTP. Pure."""

from typing import Any

from workerless.http.shape_of_workflow import (
    BranchShape,
    CourseShape,
    StepShape,
    TreeShape,
    WorkflowPage,
    WorkflowRow,
    WorkflowShape,
)
from workerless.run_status import RunStatus
from workerless.run_tree import Branch, Course, Tree
from workerless.workflow_ports import Container, Containers


def workflow_page(page: Containers) -> WorkflowPage:
    """A page of a list."""
    rows = [WorkflowRow(id=one.container_id, **_row(one)) for one in page.found]
    return WorkflowPage(workflows=rows, cursor=page.cursor)


def workflow_shape(status: RunStatus) -> WorkflowShape:
    """One in full."""
    return WorkflowShape(
        id=status.id,
        **_row(status),
        total=status.total,
        completed=status.completed,
        failed=status.failed,
        cancelled=status.cancelled,
        steps=[
            StepShape(
                name=step.name,
                standing=step.standing,
                epoch=step.epoch,
                id=step.member_id,
                is_part=step.is_part,
                at=step.at,
                compensation=step.compensation,
            )
            for step in status.steps
        ],
        not_compensated=list(status.not_compensated),
        reason=status.reason,
    )


def tree_shape(tree: Tree) -> TreeShape:
    """One with all within."""
    return TreeShape(
        id=tree.id,
        name=tree.name,
        kind=tree.kind,
        state=tree.state,
        total=tree.total,
        completed=tree.completed,
        failed=tree.failed,
        cancelled=tree.cancelled,
        branches=[_branch(one) for one in tree.branches],
        is_whole=tree.is_whole,
    )


def _branch(branch: Branch) -> BranchShape:
    return BranchShape(
        name=branch.name,
        standing=branch.standing,
        id=branch.id,
        epoch=branch.epoch,
        at=branch.at,
        compensation=branch.compensation,
        after=list(branch.after),
        job_type=branch.job_type,
        part=tree_shape(branch.part) if branch.part else None,
        course=_course(branch.course) if branch.course else None,
    )


def _course(course: Course) -> CourseShape:
    return CourseShape(
        percent=course.percent,
        doing=course.doing,
        cursor=course.cursor,
        continuations=course.continuations,
    )


def _row(of: Container | RunStatus) -> dict[str, Any]:
    return {
        "name": of.name,
        "kind": of.kind,
        "state": of.state,
        "tenant": of.tenant,
        "description": of.description,
        "tags": list(of.tags),
        "part_of": of.member_of.partition("/")[0] if of.member_of else None,
        "created_at": of.created_at,
        "updated_at": of.updated_at,
        "ended_at": of.ended_at,
    }
