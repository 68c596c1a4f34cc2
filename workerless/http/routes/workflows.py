"""Workflows and batches: how they stand, in words and as a picture, cancel, have one go on."""

from enum import StrEnum
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from workerless.http.desk import Desk
from workerless.http.parameter import Cursor, Limit
from workerless.http.problem import Problem
from workerless.http.shape_of_workflow import (
    CancelWorkflow,
    RetryWorkflow,
    TreeShape,
    WorkflowPage,
    WorkflowShape,
)
from workerless.http.view_of_workflow import tree_shape, workflow_page, workflow_shape
from workerless.operations.workflow_service import Listed, Workflows
from workerless.picture.mermaid import mermaid
from workerless.picture.svg import svg
from workerless.workflow.definition import Kind

_TAGS = ["workflows"]
_ONE = "/workflows/<workflow_id>"
# Of a file that a browser is shown alone: nothing in it runs, or is loaded.
_ALONE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class Form(StrEnum):
    """What a picture is."""

    SVG = "svg"
    MERMAID = "mermaid"


KindWord = Annotated[Kind, Query(description="what to list")]
StateWord = Annotated[Listed, Query(description="how they stand")]
FormWord = Annotated[Form, Query(description="an image, or text for Mermaid")]


def add(desk: Desk) -> None:
    """Adds the routes below ``/workflows``."""
    _add_looks(desk)
    _add_words(desk)


def _of_caller(desk: Desk) -> Workflows:
    """Those that the caller may see: a tenant's own, or all."""
    return desk.operations.workflows.of(desk.caller.tenant)


def _add_looks(desk: Desk) -> None:
    @desk.app.get("/workflows", operation_id="listWorkflows", tags=_TAGS)
    def list_workflows(
        kind: KindWord = Kind.WORKFLOW,
        state: StateWord = Listed.RUNNING,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> WorkflowPage:
        """Workflows or batches in one state, parts of others included, the last changed first."""
        page = _of_caller(desk).list(kind=kind, state=state, limit=limit, cursor=cursor)
        return workflow_page(page)

    @desk.app.get(_ONE, operation_id="getWorkflow", tags=_TAGS)
    def show(workflow_id: str) -> WorkflowShape:
        """One workflow or batch: how it stands, and each of its steps."""
        return workflow_shape(_of_caller(desk).show(workflow_id))

    @desk.app.get(f"{_ONE}/tree", operation_id="getWorkflowTree", tags=_TAGS)
    def tree(workflow_id: str) -> TreeShape:
        """One with all parts within, also those that have not begun."""
        return tree_shape(_of_caller(desk).tree(workflow_id))

    @desk.app.get(f"{_ONE}/picture", operation_id="getWorkflowPicture", tags=_TAGS)
    def picture(workflow_id: str, form: FormWord = Form.SVG) -> Response[str]:
        """The same as a picture."""
        found = _of_caller(desk).tree(workflow_id)
        is_svg = form is Form.SVG
        return Response(
            status_code=200,
            content_type="image/svg+xml; charset=utf-8" if is_svg else "text/plain; charset=utf-8",
            body=svg(found) if is_svg else mermaid(found),
            headers=dict(_ALONE),
        )


def _add_words(desk: Desk) -> None:
    @desk.app.post(f"{_ONE}/cancel", status_code=202, operation_id="cancelWorkflow", tags=_TAGS)
    def cancel(workflow_id: str, wanted: CancelWorkflow) -> WorkflowShape:
        """Have it end: nothing more starts, and what it did is made good."""
        done = _of_caller(desk).cancel(workflow_id, why=wanted.why, compensate=wanted.compensate)
        return workflow_shape(done)

    @desk.app.post(f"{_ONE}/retry", status_code=202, operation_id="retryWorkflow", tags=_TAGS)
    def retry(workflow_id: str, wanted: RetryWorkflow | None = None) -> WorkflowShape:
        """Have one that ended other than completed go on: what failed begins anew."""
        asked = wanted or RetryWorkflow()
        if asked.all and asked.steps:
            raise Problem(400, "invalid_request", "say either all or steps", field="body.steps")
        steps = None if asked.all else asked.steps
        return workflow_shape(_of_caller(desk).retry(workflow_id, steps=steps, why=asked.why))
