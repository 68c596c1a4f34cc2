"""A workflow that ended other than completed goes on; nested ones where they are.

The innermost is written first, and each is marked as started in the one around it before that is
written. Who dies between leaves parts that are open: the sweeper looks at these, and what is around
them goes on when they tell. Asked again, it does the rest.
"""

import json
from collections.abc import Sequence

from workerless.errors import ContainerNotFoundError, StoreUnavailableError, WorkflowStateError
from workerless.membership import read_membership
from workerless.orchestration.around import left_by
from workerless.orchestration.cancel import TRIES
from workerless.orchestration.tell import changed, keep_all
from workerless.orchestration.undone import check_undone
from workerless.orchestration.world import Orchestra
from workerless.workflow.command import going_on, retried
from workerless.workflow.control import Ending, Phase, read_control, told_around, write_control
from workerless.workflow.definition import Definition, Kind
from workerless.workflow.mark import member_id
from workerless.workflow_ports import Container, Told


def retry_run(container_id: str, steps: Sequence[str] | None, world: Orchestra) -> None:
    """Write that it goes on, and have all that do looked at. Raises as ``Run.retry`` does."""
    for _ in range(TRIES):
        found = world.read(container_id)
        if found is None:
            raise ContainerNotFoundError(container_id)
        _need_own_word(found, world)
        definition, control = world.definition(found), read_control(json.loads(found.control))
        retried(definition, control, found.marks, steps)  # what cannot be is refused untouched
        check_undone(found, world)
        if ids := _written(found, definition, steps, world):
            world.tell("workflow.retried", found)
            world.order(*ids)
            return
    raise _changing(container_id)


def _need_own_word(found: Container, world: Orchestra) -> None:
    if found.kind is Kind.BATCH:
        raise WorkflowStateError(
            f"{found.container_id!r} is a batch: redrive the jobs of it that failed, and it goes on"
        )
    if leaving := left_by(found, world):
        raise WorkflowStateError(
            f"{found.container_id!r} is part of {leaving.container_id!r}, which {leaving.why}"
            + (f": retry step {leaving.step!r} of that one" if leaving.step else "")
        )


def _written(
    run: Container, definition: Definition, steps: Sequence[str] | None, world: Orchestra
) -> list[str]:
    """The ids of those that go on; none where somebody else has written it meanwhile."""
    control = read_control(json.loads(run.control))
    nodes, told, ids = definition.by_name, list[Told](), [run.container_id]
    slots = {
        member_id(run.container_id, control.slot(name)): name
        for name in going_on(definition, control, run.marks, steps)
    }
    kept = set[str]()
    for part in world.containers.read_many(list(slots)) if slots else []:
        inner = part and nodes[slots[part.container_id]].part
        if part is not None and isinstance(inner, Definition):
            kept.add(slots[part.container_id])
            below, mark = _goes_on(part, inner, world)
            ids += below
            told.append(mark)
    if told:
        world.containers.mark_many(told)
    after = retried(definition, control, run.marks, steps, going_on=kept)
    keep_all(run, world)
    words = json.dumps(write_control(after))
    is_written = world.containers.save(changed(run, words, None, world.clock.now()))
    return ids if is_written else []


def _goes_on(part: Container, definition: Definition, world: Orchestra) -> tuple[list[str], Told]:
    """The ids of it and of all in it that go on, and its mark: one may do so already."""
    found: Container | None = part
    ids = list[str]()
    for _ in range(TRIES):
        if found is None:
            raise ContainerNotFoundError(part.container_id)
        control = read_control(json.loads(found.control))
        if control.phase is not Phase.ENDED or control.state is Ending.COMPLETED:
            place = read_membership(str(found.member_of))
            _, mark = told_around(control, found.marks, place.slot, found.updated_at)
            return ids or [found.container_id], Told(membership=place, mark=mark)
        ids = _written(found, definition, (), world)
        found = world.read(part.container_id)
    raise _changing(part.container_id)


def _changing(container_id: str) -> StoreUnavailableError:
    return StoreUnavailableError(f"{container_id} changed {TRIES} times meanwhile; try again")
