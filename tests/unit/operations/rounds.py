"""Workflows of a ward's visits, for tests of who operates them."""

from tests.unit.operations.ward import Ward
from workerless import Workflow, group, step
from workerless.run_handle import Run


def a_round() -> Workflow:
    """Two visits, the second to all of a room."""
    visit = Ward().job_type
    return Workflow(
        "round",
        step("first", visit.with_(number=1), compensate=visit.with_(number=11)),
        step("room", group(visit.with_(number=2), visit.with_(number=3)), after="first"),
    )


def start(ward: Ward, workflow_id: str, *, tenant: str | None = None) -> Run:
    """One that is as far as it comes while patients are ill as the ward says."""
    run = ward.stage.client.start(a_round(), workflow_id=workflow_id, tenant=tenant)
    ward.stage.run_all()
    return run
