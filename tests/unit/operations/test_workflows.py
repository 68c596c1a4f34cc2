"""Workflows in an operator's hands: lists, trees, cancel, retry, whose they are, the audit."""

import pytest

from tests.unit.operations.rounds import a_round, start
from tests.unit.operations.ward import Ward
from workerless.errors import (
    ContainerNotFoundError,
    CursorRefusedError,
    OperationRefusedError,
    WorkflowStateError,
)
from workerless.operations.workflow_service import Listed, Workflows
from workerless.run_tree import Tree
from workerless.workflow.definition import Kind
from workerless.workflow.standing import Standing


@pytest.fixture
def ward() -> Ward:
    made = Ward()
    made.cure()
    return made


@pytest.fixture
def workflows(ward: Ward) -> Workflows:
    return ward.operations.workflows


def told(tree: Tree) -> dict[str, tuple[Standing, str | None]]:
    return {one.name: (one.standing, one.part.state if one.part else None) for one in tree.branches}


def test_list_tells_those_of_a_state_and_kind(ward: Ward, workflows: Workflows) -> None:
    start(ward, "well")
    ward.is_ill = lambda number: number == 3
    start(ward, "badly")

    well = workflows.list(state=Listed.COMPLETED)
    failed = workflows.list(state=Listed.FAILED)

    assert "well" in {one.container_id for one in well.found}
    assert "badly" in {one.container_id for one in failed.found}
    assert not workflows.list(kind=Kind.BATCH, state=Listed.COMPLETED).found


def test_tree_tells_of_parts_before_they_begin_and_after(ward: Ward, workflows: Workflows) -> None:
    ward.stage.client.start(a_round(), workflow_id="r")

    before = workflows.tree("r")
    ward.stage.run_all()
    after = workflows.tree("r")

    assert told(before)["room"] == (Standing.WAITING, "waiting")
    assert told(after) == {
        "first": (Standing.COMPLETED, None),
        "room": (Standing.COMPLETED, "completed"),
    }
    part = after.branches[1].part
    assert part
    assert [one.standing for one in part.branches] == [Standing.COMPLETED] * 2
    assert (part.id, part.completed, part.total) == (after.branches[1].id, 2, 2)


def test_tree_of_a_batch_tells_its_figures(ward: Ward, workflows: Workflows) -> None:
    with ward.stage.client.batch("many", batch_id="b") as batch:
        batch.add_many(ward.job_type, [ward.payload(n) for n in range(5)])
    ward.stage.run_all()

    tree = workflows.tree("b")

    assert (tree.kind, tree.total, tree.completed, tree.branches) == (Kind.BATCH, 5, 5, ())


def test_cancel_ends_it_and_is_in_the_audit(ward: Ward, workflows: Workflows) -> None:
    ward.stage.client.start(a_round(), workflow_id="r")

    workflows.cancel("r", why="not today")
    ward.stage.run_all()

    status = workflows.show("r")
    (entry,) = ward.operations.audit.list().items
    assert (status.state, status.reason) == ("cancelled", "not today")
    assert (entry.verb, entry.on, entry.why, entry.by, entry.outcome) == (
        "cancel workflow",
        "r",
        "not today",
        "ada",
        "done",
    )


def test_cancel_of_what_has_ended_is_refused_and_noted(ward: Ward, workflows: Workflows) -> None:
    start(ward, "r")

    with pytest.raises(WorkflowStateError):
        workflows.cancel("r", why="too late")

    (entry,) = ward.operations.audit.list().items
    assert entry.outcome == "refused: WorkflowStateError"


def test_retry_has_what_failed_begin_anew(ward: Ward, workflows: Workflows) -> None:
    ward.is_ill = lambda number: number == 3
    start(ward, "r")
    ward.cure()

    workflows.retry("r", why="cured")
    ward.stage.run_all()

    assert workflows.show("r").state == "completed"


@pytest.mark.parametrize("steps", [("first",), None], ids=["from a step", "whole"])
def test_retry_may_begin_with_what_completed(
    steps: tuple[str, ...] | None, ward: Ward, workflows: Workflows
) -> None:
    ward.is_ill = lambda number: number == 3
    start(ward, "r")
    ward.cure()

    workflows.retry("r", steps=steps)
    ward.stage.run_all()

    status = workflows.show("r")
    assert (status.state, [one.epoch for one in status.steps]) == ("completed", [2, 2])


def test_retry_of_a_step_that_there_is_not_is_refused(ward: Ward, workflows: Workflows) -> None:
    ward.is_ill = lambda number: number == 3
    start(ward, "r")

    with pytest.raises(OperationRefusedError, match="steps must be among"):
        workflows.retry("r", steps=["second"])


def test_tenant_sees_and_touches_its_own_only(ward: Ward, workflows: Workflows) -> None:
    start(ward, "hers", tenant="acme")
    start(ward, "other", tenant="globex")
    hers = workflows.of("acme")

    assert {one.tenant for one in hers.list(state=Listed.COMPLETED).found} == {"acme"}
    assert hers.show("hers").tenant == "acme"
    for look in (
        hers.show,
        hers.tree,
        lambda one: hers.cancel(one, why="x"),
        hers.retry,
    ):
        with pytest.raises(ContainerNotFoundError):
            look("other")
    assert not ward.operations.audit.list().items


def test_pages_of_a_tenant_pass_over_those_of_others(ward: Ward, workflows: Workflows) -> None:
    for number in range(3):
        for tenant in ("acme", "globex"):
            start(ward, f"{tenant}-{number}", tenant=tenant)
    hers, cursor, found = workflows.of("acme"), None, []

    while True:
        page = hers.list(state=Listed.COMPLETED, limit=2, cursor=cursor)
        found += [one.container_id for one in page.found if one.member_of is None]
        if (cursor := page.cursor) is None:
            break
        assert "globex" not in cursor

    assert found == ["acme-2", "acme-1", "acme-0"]


def test_cursor_of_another_list_is_refused(ward: Ward, workflows: Workflows) -> None:
    for number in range(2):
        start(ward, f"r-{number}")
    page = workflows.list(state=Listed.COMPLETED, limit=1)

    for other in (workflows, workflows.of("acme")):
        with pytest.raises(CursorRefusedError):
            other.list(state=Listed.FAILED, cursor=page.cursor)
