"""What became of the entries of one call once they were stored: what to send, and what to tell."""

from collections.abc import Mapping, Sequence

from workerless.enqueueing import Entry
from workerless.errors import EnqueueInterruptedError
from workerless.frozen import replace
from workerless.ports import Outgoing, Put
from workerless.record import Record


def unrecorded(entries: Sequence[Entry]) -> list[Put]:
    """What stands under the ids of entries that have no record, as far as a client can know.

    Only the call itself tells of ids that it uses twice, and the worker's claims of all others.
    """
    first: dict[str, Record] = {}
    met = [first.setdefault(one.record.job_id, one.record) for one in entries]
    return [
        Put(created=record is one.record, record=record)
        for one, record in zip(entries, met, strict=True)
    ]


def taken(entries: Sequence[Entry], puts: Sequence[Put]) -> list[Put]:
    """Those whose id is another job's."""
    both = zip(entries, puts, strict=True)
    return [put for one, put in both if not one.is_same_job(put.record)]


def unsent(entries: Sequence[Entry], puts: Sequence[Put]) -> dict[str, Outgoing]:
    """The messages to send. A job that never started may be one whose message was never sent.

    It keeps the lane that it was enqueued for first.
    """
    return {
        one.record.job_id: one.outgoing
        if one.outgoing.lane == put.record.lane
        else replace(one.outgoing, lane=put.record.lane)
        for one, put in zip(entries, puts, strict=True)
        if one.outgoing is not None
        and (put.created or (one.is_same_job(put.record) and _never_started(put.record)))
    }


def interrupted(
    entries: Sequence[Entry], puts: Sequence[Put], failures: Mapping[str, str], *, unknown: int
) -> EnqueueInterruptedError:
    """What became of each: ``puts`` were stored, the next ``unknown`` got no answer."""
    known = range(len(puts))
    others = [n for n in known if not entries[n].is_same_job(puts[n].record)]
    failed = [n for n in known if n not in others and puts[n].record.job_id in failures]
    return EnqueueInterruptedError(
        failures,
        sent=[n for n in known if n not in others and n not in failed],
        unsent=failed,
        taken=others,
        unknown=range(len(puts), len(puts) + unknown),
        untouched=range(len(puts) + unknown, len(entries)),
    )


def _never_started(record: Record) -> bool:
    return record.state.is_waiting and record.attempt == 0
