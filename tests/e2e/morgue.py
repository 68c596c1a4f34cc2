"""Dead jobs of a deployed job type, by the thousand: as its workers would have left them.

Every record goes the way of a job that failed, by the store's own writes, and every letter says
what a worker's says; only that no handler ever ran.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import batched
from random import Random
from typing import Any
from uuid import uuid4

from workerless import naming
from workerless.aws.clock import SystemClock
from workerless.aws.directory import SsmDirectory
from workerless.aws.operator import DynamoOperatorStore
from workerless.aws.session import AwsClients
from workerless.aws.sqs import SqsQueue
from workerless.enqueueing import Options, entry
from workerless.execution.arrival import arrival_of
from workerless.execution.dead_letter import fitting, of_failed
from workerless.job_type import JobType
from workerless.ports import Outgoing
from workerless.record import AttemptError, Lease, Record
from workerless.spread import at_once
from workerless.states import State
from workerless.transition import Claim, Finish

_AT_ONCE = 500


class Morgue:
    """The dead jobs of one job type, put there and looked at again."""

    def __init__(self, job_type: JobType[Any, Any]) -> None:
        clients, clock = AwsClients(), SystemClock()
        self._job_type = job_type
        self._address = SsmDirectory(clients.ssm, "local").find(job_type.name)
        self._store = DynamoOperatorStore(
            clients.dynamodb, naming.table("local"), clock, spread=at_once
        )
        self._queue = SqsQueue(clients.sqs, clock, Random(), spread=at_once)

    def fill(self, payloads: Sequence[Any]) -> list[str]:
        """So many jobs that have failed; their ids."""
        ids = []
        for some in batched(payloads, _AT_ONCE, strict=False):
            now = datetime.now(UTC)
            options = Options()
            entries = [
                entry(self._job_type, one, options, now=now, new_id=_new_id, bucket=lambda: "")
                for one in some
            ]
            records = [one.record for one in entries]
            self._store.put_many(records)
            failed = self._failed(records, now + timedelta(milliseconds=1))
            failures = self._queue.send_many(
                self._address.dead_letters, [_letter(one) for one in failed]
            )
            assert not any(failures)
            ids += [one.job_id for one in records]
        return ids

    def records(self, job_ids: Sequence[str]) -> list[Record | None]:
        return self._store.get_many(job_ids)

    def letters(self) -> int:
        return self._queue.waiting(self._address.dead_letters)

    def _failed(self, records: Sequence[Record], now: datetime) -> list[Record]:
        """Claimed and finished; with the bodies that they were put with."""
        claims = [
            Claim(
                job_id=one.job_id,
                job_type=one.job_type,
                lease=Lease(token=_new_id(), until=now + timedelta(minutes=1), alone=True),
                now=now,
                generation=1,
            )
            for one in records
        ]
        held = [claimed.record for claimed in self._store.claim_many(claims)]
        error = AttemptError(attempt=1, at=now, error_type="OSError", message="the disk is full")
        finishes = [
            Finish(
                held=one,
                state=State.FAILED,
                at=now,
                reason="attempts_exhausted",
                error=error,
                expires_at=now + timedelta(days=7),
            )
            for one in held
            if one is not None
        ]
        assert all(self._store.finish_many(finishes))
        return [one for one in self._store.get_many([r.job_id for r in records]) if one is not None]


def _letter(record: Record) -> Outgoing:
    arrival = arrival_of(
        message_id=record.job_id,
        receipt="",
        body=record.body,
        receive_count=1,
        sent_at=record.enqueued_at,
        group=None,
        job_type=record.job_type,
        bucket="",
        returned=None,
    )
    return Outgoing(body=record.body, attributes=fitting(record.body, of_failed(record, arrival)))


def _new_id() -> str:
    return str(uuid4())
