"""Jobs that wait, as a test asks for them, and what it is told when there is none."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from workerless.client import Client
from workerless.job_type import JobType
from workerless.message import MalformedMessage, read
from workerless.payload import Payload, read_payload
from workerless.record import Record
from workerless.testing.doubles import Doubles

_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EnqueuedJob[P: Payload]:
    """A job that waits. ``delay`` is how long from now, 0 s for one that may run.

    ``state`` is scheduled, pending or retrying; ``attempt`` counts those that were.
    """

    id: str
    job_type: JobType[P, Any]
    state: str
    attempt: int
    data: Mapping[str, Any]
    delay: timedelta
    tenant: str | None
    lane: str | None

    @property
    def payload(self) -> P:
        """Raises ``pydantic.ValidationError`` where another program sent what is none."""
        return read_payload(self.job_type.payload, self.data)

    def __str__(self) -> str:
        when = f"in {self.delay}" if self.delay else "now"
        tenant = f", tenant {self.tenant}" if self.tenant else ""
        lane = f", lane {self.lane}" if self.lane else ""
        data = ", ".join(f"{name}={value!r}" for name, value in self.data.items())
        return f"{self.job_type.name} {self.id}: {self.state}, due {when}{tenant}{lane}: {data}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted[P: Payload]:
    """What a test asks for; None asks for anything."""

    job_type: JobType[P, Any]
    payload: P | None
    where: Callable[[P], bool] | None
    delay: timedelta | None
    tenant: str | None
    lane: str | None
    count: int | None

    def matches(self, job: EnqueuedJob[Any]) -> bool:
        return (
            job.job_type.name == self.job_type.name
            and self.delay in (None, job.delay)
            and self.tenant in (None, job.tenant)
            and self.lane in (None, job.lane)
            and (self.payload is None or job.data == self.job_type.data(self.payload))
            and (self.where is None or self.where(job.payload))
        )

    def __str__(self) -> str:
        asked = {
            "payload": self.payload and repr(self.payload),
            "where": getattr(self.where, "__name__", self.where),
            "delay": None if self.delay is None else str(self.delay),
            "tenant": self.tenant and repr(self.tenant),
            "lane": self.lane,
        }
        told = ", ".join(f"{name} {value}" for name, value in asked.items() if value is not None)
        wanted = "" if self.count is None else f", wanted {self.count}"
        return f"{self.job_type.name}{told and f' with {told}'}{wanted}"


def enqueued(doubles: Doubles, client: Client) -> list[EnqueuedJob[Any]]:
    """Every job that waits, in the order in which they came; those without a record last."""
    records = doubles.store.records()
    waiting = [_of_record(one, doubles, client) for one in records if one.state.is_waiting]
    known = {record.job_id for record in records}
    return waiting + [job for job in _without_record(doubles) if job.id not in known]


def explain(
    wanted: Wanted[Any], found: int, jobs: Iterable[EnqueuedJob[Any]], records: Iterable[Record]
) -> str:
    """Why an assertion about ``wanted`` fails: what is enqueued, and what has run already."""
    count = f"{found or 'no'} {'job is' if found < 2 else 'jobs are'}"  # noqa: PLR2004 -- grammar
    past = [
        f"  {one.job_type} {one.job_id}: {one.state.value}"
        for one in records
        if not one.state.is_waiting and one.job_type == wanted.job_type.name
    ]
    lines = [f"{count} enqueued of {wanted}"]
    lines += _shown("enqueued:", [f"  {job}" for job in jobs]) or ["nothing is enqueued"]
    lines += _shown("not waiting any more:", past)
    return "\n".join(lines)


def _shown(title: str, lines: list[str]) -> list[str]:
    """What a person still reads of ``lines``."""
    more = len(lines) - _MOST_SHOWN
    shown = [title, *lines[:_MOST_SHOWN]] if lines else []
    return [*shown, f"  and {more} more"] if more > 0 else shown


def _of_record(record: Record, doubles: Doubles, client: Client) -> EnqueuedJob[Any]:
    status = client.job(record.job_id).status()
    return EnqueuedJob(
        id=record.job_id,
        job_type=doubles.job_types[record.job_type],
        state=record.state.value,
        attempt=record.attempt,
        data=status.data or {},
        delay=max(record.run_at - doubles.clock.now(), timedelta(0)),
        tenant=record.tenant,
        lane=record.lane,
    )


def _without_record(doubles: Doubles) -> Iterable[EnqueuedJob[Any]]:
    """Bare and foreign messages: their records come with their first attempt."""
    for name, job_type in doubles.job_types.items():
        messages = [
            (message_id, outgoing)
            for queue in doubles.directory.find(name).queues
            for message_id, outgoing in doubles.queue.by_id(queue).items()
        ]
        for message_id, outgoing in messages:
            try:
                message = read(outgoing.body, job_type=name, message_id=message_id)
            except MalformedMessage:
                continue
            yield EnqueuedJob(
                id=message.job_id,
                job_type=job_type,
                state="pending",
                attempt=0,
                data=message.data,
                delay=outgoing.delay,
                tenant=message.tenant,
                lane=message.lane,
            )
