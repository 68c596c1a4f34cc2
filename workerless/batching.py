"""Adding jobs to a batch: room in it first, then their records, then their messages.

Each step may be repeated, and the next never comes before it: a batch that has ended takes nobody,
and no job runs that its batch does not wait for. Who dies in between leaves room for jobs that
never came, which the sweeper sees.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from workerless.handle import Job
from workerless.job_type import JobType
from workerless.membership import read_membership
from workerless.message import read
from workerless.orders import Order, Orders
from workerless.outbox import Outbox
from workerless.payload import Payload, Result
from workerless.ports import Blobs, Clock, Put, Store
from workerless.record import Record
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow.page import in_pages, page_id, slots
from workerless.workflow_ports import ContainerStore, Told


@frozen
class Batching:
    """What adds to batches. ``new_id`` is as ``enqueueing.entry`` has it."""

    containers: ContainerStore
    store: Store
    blobs: Blobs
    outbox: Outbox
    orders: Orders
    clock: Clock
    new_id: Callable[[], str]

    def added[R: Result | None](
        self, batch_id: str, job_type: JobType[Any, R], wanted: Sequence[tuple[Payload, Options]]
    ) -> list[Job[R]]:
        """``add``, and a handle on each."""
        return [
            Job(
                id=put.record.job_id,
                store=self.store,
                blobs=self.blobs,
                clock=self.clock,
                post=self.outbox.post,
                job_type=job_type,
                is_duplicate=not put.created,
            )
            for put in self.add(batch_id, job_type, wanted)
        ]

    def add(
        self, batch_id: str, job_type: JobType[Any, Any], wanted: Sequence[tuple[Payload, Options]]
    ) -> Sequence[Put]:
        """What stands under each job's id, once all are members and sent.

        The same jobs under the same ids, added again, are the same members; an id that is a job's
        outside the batch is a member that failed, and raises ``JobConflictError``.
        Raises ``BatchClosedError``, ``BatchFullError``, ``ContainerNotFoundError`` and as
        ``Client.enqueue_many`` does; where no record was stored, nobody became a member unless it
        was the store that gave no answer.
        """
        if not wanted:
            return []
        ids = self._ids(batch_id, job_type, [options for _, options in wanted])
        named = [
            job_id
            for job_id, (_, options) in zip(ids, wanted, strict=True)
            if options.job_id or options.idempotency_key
        ]
        known = self._known(batch_id, named)
        places = known | _planned(batch_id, [one for one in ids if one not in known])
        now = self.clock.now()
        entries = [
            entry(
                job_type,
                payload,
                replace(options, job_id=job_id, idempotency_key=None, member_of=places[job_id]),
                now=now,
                new_id=self.new_id,
                bucket=lambda: self.blobs.bucket,
            )
            for (payload, options), job_id in zip(wanted, ids, strict=True)
        ]
        return self._put(batch_id, job_type.name, entries, known)

    def let_go(self, batch_id: str) -> None:
        """Have the batch end once its members have: nobody adds from outside any more.

        Its members still may. Raises ``StoreUnavailableError``.
        """
        now = self.clock.now()
        if self.containers.let_go(batch_id, at=now):
            self._look(batch_id)

    def _ids(
        self, batch_id: str, job_type: JobType[Any, Any], options: Sequence[Options]
    ) -> list[str]:
        """A key says which job of the batch it is: another batch may use it, too."""
        keys = [one.idempotency_key and f"{batch_id}\n{one.idempotency_key}" for one in options]
        ids = [
            asked_id(job_type.name, one.job_id, key, self.new_id)
            for one, key in zip(options, keys, strict=True)
        ]
        if len(set(ids)) < len(ids):
            twice = next(one for one in ids if ids.count(one) > 1)
            raise EnqueueRefusedError(
                f"job_id must be another for each member of a batch, got {twice!r} twice",
                field="job_id",
            )
        return ids

    def _known(self, batch_id: str, ids: Sequence[str]) -> dict[str, str]:
        """The place of each that is a member already, whichever call added it.

        So is one without a job yet, in a page with one: who added them died in between.
        """
        records = self.store.get_many(ids) if ids else []
        known = {
            one.job_id: one.member_of
            for one in records
            if one is not None and one.member_of is not None and _is_in(batch_id, one)
        }
        if len(known) == len(ids):
            return known
        wanted = set(ids)
        for page in sorted({read_membership(place).page for place in known.values()}):
            members = self.containers.members(batch_id, page)
            places = zip(members, slots(batch_id, page, len(members)), strict=True)
            known = {one: place for one, place in places if one in wanted} | known
        return known

    def _put(
        self, batch_id: str, name: str, entries: Sequence[Entry], known: Mapping[str, str]
    ) -> Sequence[Put]:
        places: dict[str, str] = {}

        def place(passed: Sequence[Entry]) -> Sequence[Entry]:
            new = [one.record.job_id for one in passed if one.record.job_id not in known]
            places.update(self._placed(batch_id, new))
            return [_moved(one, places.get(one.record.job_id)) for one in passed]

        try:
            puts = self.outbox.put_and_send(name, entries, place=place)
        except JobConflictError as error:
            self._lose(batch_id, _of(error.job_ids, places))
            raise
        except EnqueueInterruptedError as error:
            taken = [entries[one].record.job_id for one in error.taken]
            self._lose(batch_id, _of(taken, places))
            raise
        except EnqueueFailedError as error:
            self._lose(batch_id, _of(error.conflicts, places))
            raise
        self._check(batch_id, [put.record for put in puts], places)
        return puts

    def _check(self, batch_id: str, records: Sequence[Record], places: Mapping[str, str]) -> None:
        """Raises ``JobConflictError`` where these jobs are others', made meanwhile."""
        others = [one for one in records if one.member_of != places.get(one.job_id, one.member_of)]
        twice = [one.job_id for one in others if _is_in(batch_id, one)]
        strangers = [one.job_id for one in others if not _is_in(batch_id, one)]
        self._lose(batch_id, _of(twice, places), SlotState.DISCARDED)
        self._lose(batch_id, _of(strangers, places))
        if strangers:
            raise JobConflictError(
                strangers,
                f"job {strangers[0]!r} is there already, outside of batch {batch_id!r}: a member "
                "needs an id that is no other job's",
            )

    def _placed(self, batch_id: str, ids: Sequence[str]) -> Mapping[str, str]:
        """The place of each, by id, once the batch waits for it."""
        found = self.containers.add_pages(batch_id, in_pages(ids), at=self.clock.now())
        return dict(zip(ids, chain.from_iterable(found), strict=True))

    def _lose(
        self, batch_id: str, places: Sequence[str], state: SlotState = SlotState.FAILED
    ) -> None:
        """Have these members end at once: what stands under their ids has another place."""
        mark = Mark(generation=0, state=state, at=self.clock.now())
        told = [Told(membership=read_membership(one), mark=mark) for one in places]
        if told and any(one.calls for one in self.containers.mark_many(told)):
            self._look(batch_id)

    def _look(self, batch_id: str) -> None:
        """Order a look; where that fails the sweeper looks, at its next run."""
        if self.orders.try_to_send([Order(container_id=batch_id)]):
            self.containers.wake(batch_id, at=self.clock.now())


def _planned(batch_id: str, ids: Sequence[str]) -> dict[str, str]:
    """The place of each, by id, unless somebody gives up a page of theirs."""
    return {
        job_id: place
        for members in in_pages(ids)
        for job_id, place in zip(
            members, slots(batch_id, page_id(members, 0), len(members)), strict=True
        )
    }


def _is_in(batch_id: str, record: Record) -> bool:
    return (record.member_of or "").startswith(f"{batch_id}/")


def _of(ids: Iterable[str], places: Mapping[str, str]) -> list[str]:
    """Their places, of those that this call has made."""
    return [places[one] for one in ids if one in places]


def _moved(made: Entry, place: str | None) -> Entry:
    """The same job in another slot, where somebody gave up the page of the first."""
    record = made.record
    if place is None or record.member_of == place:
        return made
    message = read(record.body, job_type=record.job_type, message_id=record.job_id)
    body = replace(message, member_of=place).body()
    return replace(
        made,
        record=replace(record, member_of=place, body=body),
        outgoing=replace(made.outgoing, body=body) if made.outgoing else None,
    )
