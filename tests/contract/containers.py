"""Containers for the tests of their store."""

from datetime import timedelta
from typing import Any

from workerless.frozen import replace
from workerless.membership import read_membership
from workerless.testing.clock import START
from workerless.workflow.definition import Kind
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow_ports import Container, ContainerStore, Told

NOW = START
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


def a_container(name: str = "import-7", kind: Kind = Kind.BATCH, **more: Any) -> Container:
    new = Container(
        container_id=name,
        name="import",
        kind=kind,
        state="running",
        control="{}",
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(new, **more)


def a_mark(state: SlotState = SlotState.COMPLETED, generation: int = 1) -> Mark:
    return Mark(generation=generation, state=state, at=NOW, began=True)


def told(place: str, state: SlotState = SlotState.COMPLETED, generation: int = 1) -> Told:
    return Told(membership=read_membership(place), mark=a_mark(state, generation))


def stored(containers: ContainerStore, name: str = "import-7") -> Container:
    (found,) = containers.read_many([name])
    assert found is not None
    return found


def filled(containers: ContainerStore, members: int = 3) -> tuple[str, ...]:
    """A batch with one page; the places of its members."""
    containers.create(a_container())
    return containers.add_pages("import-7", [[f"job-{one}" for one in range(members)]], at=NOW)[0]


def marked(containers: ContainerStore, told: list[Told]) -> list[str]:
    """Which containers somebody has to look at."""
    answers = containers.mark_many(told)
    calling = zip(told, answers, strict=True)
    return sorted({one.membership.container_id for one, answer in calling if answer.calls})


def page_of(places: tuple[str, ...]) -> str:
    return read_membership(places[0]).page
