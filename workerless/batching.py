"""Adding jobs to a batch: room in it first, then their records, then their messages.

Each step may be repeated, and the next never comes before it: a batch that has ended takes nobody,
and no job runs that its batch does not wait for. Who dies in between leaves room for jobs that
never came, which the sweeper sees.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from workerless.asked_id import asked_id
from workerless.enqueueing import Entry, Options, entry
from workerless.errors import (
    EnqueueFailedError,
    EnqueueInterruptedError,
    EnqueueRefusedError,
    JobConflictError,
)
from workerless.frozen import frozen, replace
from workerless.job_type import JobType
from workerless.membership import read_membership
from workerless.message import read
from workerless.orders import Order, Orders
from workerless.outbox import Outbox
from workerless.payload import Payload
from workerless.ports import Clock, Put
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow.page import in_pages, page_id, slots
from workerless.workflow_ports import ContainerStore, Told


@frozen
class Batching:
    """What adds to batches. ``new_id`` and ``bucket`` are as ``enqueueing.entry`` has them."""

    containers: ContainerStore
    outbox: Outbox
    orders: Orders
    clock: Clock
    new_id: Callable[[], str]
    bucket: Callable[[], str]

    def add(
        self, batch_id: str, job_type: JobType[Any, Any], wanted: Sequence[tuple[Payload, Options]]
    ) -> Sequence[Put]:
        """What stands under each job's id, once all are members and sent.

        The same jobs under the same ids, added again in one call, are the same members; an id that
        is a job's outside the batch is a member that failed, and raises ``JobConflictError``.
        Raises ``BatchClosedError``, ``BatchFullError``, ``ContainerNotFoundError`` and as
        ``Client.enqueue_many`` does; where no record was stored, nobody became a member unless it
        was the store that gave no answer.
        """
        if not wanted:
            return []
        ids = self._ids(job_type, [options for _, options in wanted])
        places = [
            place
            for members in in_pages(ids)
            for place in slots(batch_id, page_id(members, 0), len(members))
        ]
        now = self.clock.now()
        entries = [
            entry(
                job_type,
                payload,
                replace(options, job_id=job_id, idempotency_key=None, member_of=place),
                now=now,
                new_id=self.new_id,
                bucket=self.bucket,
            )
            for (payload, options), job_id, place in zip(wanted, ids, places, strict=True)
        ]
        return self._put(batch_id, job_type.name, entries)

    def let_go(self, batch_id: str) -> None:
        """Have the batch end once its members have: nobody adds from outside any more.

        Its members still may. Raises ``StoreUnavailableError``.
        """
        now = self.clock.now()
        if self.containers.let_go(batch_id, at=now):
            self._look(batch_id)

    def _ids(self, job_type: JobType[Any, Any], options: Sequence[Options]) -> list[str]:
        ids = [
            asked_id(job_type.name, one.job_id, one.idempotency_key, self.new_id) for one in options
        ]
        if len(set(ids)) < len(ids):
            twice = next(one for one in ids if ids.count(one) > 1)
            raise EnqueueRefusedError(
                f"job_id must be another for each member of a batch, got {twice!r} twice",
                field="job_id",
            )
        return ids

    def _put(self, batch_id: str, name: str, entries: Sequence[Entry]) -> Sequence[Put]:
        places: dict[str, str] = {}

        def place(passed: Sequence[Entry]) -> Sequence[Entry]:
            places.update(self._placed(batch_id, [one.record.job_id for one in passed]))
            return [_moved(one, places[one.record.job_id]) for one in passed]

        try:
            puts = self.outbox.put_and_send(name, entries, place=place)
        except JobConflictError as error:
            self._lose(batch_id, [places[one] for one in error.job_ids])
            raise
        except EnqueueInterruptedError as error:
            self._lose(batch_id, [places[entries[one].record.job_id] for one in error.taken])
            raise
        except EnqueueFailedError as error:
            self._lose(batch_id, [places[one] for one in error.conflicts])
            raise
        strangers = [
            put.record.job_id for put in puts if put.record.member_of != places[put.record.job_id]
        ]
        if strangers:
            self._lose(batch_id, [places[one] for one in strangers])
            raise JobConflictError(strangers)
        return puts

    def _placed(self, batch_id: str, ids: Sequence[str]) -> Mapping[str, str]:
        """The place of each, by id, once the batch waits for it."""
        found = self.containers.add_pages(batch_id, in_pages(ids), at=self.clock.now())
        return dict(zip(ids, chain.from_iterable(found), strict=True))

    def _lose(self, batch_id: str, places: Sequence[str]) -> None:
        """Have these members fail at once: what stands under their ids is not theirs."""
        mark = Mark(generation=0, state=SlotState.FAILED, at=self.clock.now())
        told = [Told(membership=read_membership(one), mark=mark) for one in places]
        if any(one.calls for one in self.containers.mark_many(told)):
            self._look(batch_id)

    def _look(self, batch_id: str) -> None:
        """Order a look; where that fails the sweeper looks, at its next run."""
        if self.orders.try_to_send([Order(container_id=batch_id)]):
            self.containers.wake(batch_id, at=self.clock.now())


def _moved(made: Entry, place: str) -> Entry:
    """The same job in another slot, where somebody gave up the page of the first."""
    record = made.record
    if record.member_of == place:
        return made
    message = read(record.body, job_type=record.job_type, message_id=record.job_id)
    body = replace(message, member_of=place).body()
    return replace(
        made,
        record=replace(record, member_of=place, body=body),
        outgoing=replace(made.outgoing, body=body) if made.outgoing else None,
    )
