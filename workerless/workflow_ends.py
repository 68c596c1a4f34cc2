"""How members' ends become marks, and what these call for.

The record is written first. Who dies before its container knows leaves a member that seems not to
have ended: the sweeper reads its record.
"""

from collections.abc import Sequence
from datetime import datetime

from workerless.membership import read_membership
from workerless.record import Record
from workerless.workflow.mark import mark_of
from workerless.workflow_ports import ContainerStore, Told


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
    # Once a page: a thousand that are redriven in a second would be as many writes of one item.
    awaited = {one.item: one.membership for one in told if not one.mark.has_ended}
    for place in awaited.values():
        store.reopen(place, at=now)
    for container_id in calling:
        store.wake(container_id, at=now)


def told_of(record: Record | None) -> Told | None:
    """What the container of this job is to know; None of a job that is no member."""
    if record is None or record.member_of is None:
        return None
    return Told(membership=read_membership(record.member_of), mark=mark_of(record))
