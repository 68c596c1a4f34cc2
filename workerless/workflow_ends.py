"""How members' ends become marks, and what these call for.

The record is written first. Who dies before its container knows leaves a member that seems not to
have ended: the sweeper reads its record.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from workerless.membership import read_membership
from workerless.record import Record
from workerless.workflow.mark import Mark, SlotState, mark_of
from workerless.workflow_ports import ContainerStore, Marked, Page, Told

_TROUBLED = frozenset({SlotState.FAILED, SlotState.CANCELLED, SlotState.COMPLETED_WITH_ERRORS})


def tell_containers(records: Sequence[Record], store: ContainerStore, now: datetime) -> None:
    """Mark each member as it stands, and have the sweeper look at whatever may go on.

    For ends outside a worker: cancelled, given up, dismissed. One that runs again, since it was
    redriven, is waited for again. Raises ``StoreUnavailableError``; asking again is safe.
    """
    told = [one for record in records if (one := told_of(record)) is not None]
    calling = {one.membership.container_id: None for one in told if not one.mark.has_ended}
    for one, marked in zip(told, store.mark_many(told), strict=True):
        if marked.calls:
            calling[one.membership.container_id] = None
    for one in told:
        if not one.mark.has_ended:
            store.reopen(one.membership, at=now)
    for container_id in calling:
        store.wake(container_id, at=now)


def told_of(record: Record | None) -> Told | None:
    """What the container of this job is to know; None of a job that is no member."""
    if record is None or record.member_of is None:
        return None
    return Told(membership=read_membership(record.member_of), mark=mark_of(record))


def mark_each(
    told: Sequence[Told],
    mark: Callable[[str, str, Mapping[str, Mark]], tuple[frozenset[str], bool]],
) -> list[Marked]:
    """What became of each, in order. All marks of one page are written by one call of ``mark``.

    It is given container, page and marks by slot; it tells which are new, and whether they call.
    """
    of_item: dict[tuple[str, str], dict[str, Mark]] = {}
    for one in told:
        marks, slot = of_item.setdefault(one.item, {}), one.membership.slot
        if one.mark.is_after(marks.get(slot)):
            marks[slot] = one.mark
    answers = {item: mark(*item, marks) for item, marks in of_item.items()}
    return [
        Marked(
            is_new=one.membership.slot in new
            and of_item[one.item][one.membership.slot] == one.mark,
            calls=calls,
        )
        for one in told
        for new, calls in [answers[one.item]]
    ]


def calls_for_a_look(page: Page, marks: Mapping[str, Mark]) -> bool:
    """Whether ``marks``, just written, have the page's first members that ended in trouble.

    Of others its batch was told already.
    """
    troubled = {slot for slot, mark in page.marks.items() if mark.state in _TROUBLED}
    return bool(troubled) and troubled <= marks.keys()
