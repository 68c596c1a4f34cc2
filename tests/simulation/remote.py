"""Store and queue as one process reaches them: every call may go wrong, every change is noted."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from tests.simulation.broker import Message, letter_received
from tests.simulation.fault import CALL, Fault
from tests.simulation.history import Outlived, Repeated, Sent, Wrote
from tests.simulation.job import said
from tests.simulation.process import Process, Unreachable
from workerless.due import SHARDS
from workerless.errors import QueueUnavailableError, StoreUnavailableError
from workerless.ports import (
    Claimed,
    Due,
    Hide,
    Outgoing,
    Page,
    Postponement,
    Put,
    Received,
    SendFailure,
)
from workerless.record import AttemptError, Checkpoint, Progress, Record
from workerless.retention import bodiless
from workerless.states import State
from workerless.transition import Claim, Finish, Verdict


class RemoteStore:
    """The store over the network, an entry a call: a batch may end in its middle."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._ground = process.ground
        self._store = process.ground.store

    def put_many(self, records: Sequence[Record]) -> list[Put]:
        return [self._put(record) for record in records]

    def claim_many(self, claims: Sequence[Claim]) -> list[Claimed]:
        return [self._claim(claim) for claim in claims]

    def finish_many(self, finishes: Sequence[Finish]) -> list[bool]:
        return [self._finish(finish) for finish in finishes]

    def progress(self, job_id: str, token: str, progress: Progress, at: datetime) -> bool:
        effect = partial(self._store.progress, job_id, token, progress, at)
        return self._write("progress", (job_id, token, at), effect, is_won=bool)

    def checkpoint(self, job_id: str, token: str, to: Checkpoint, at: datetime) -> bool:
        effect = partial(self._store.checkpoint, job_id, token, to, at)
        return self._write("checkpoint", (job_id, token, at), effect, is_won=bool)

    def remember(self, job_id: str, token: str, steps: Mapping[str, str], at: datetime) -> bool:
        effect = partial(self._store.remember, job_id, token, steps, at)
        return self._write("remember", (job_id, token, at), effect, is_won=bool)

    def why_cancelled(self, job_id: str, token: str) -> str | None:
        return self._reach("ask", lambda _: self._store.why_cancelled(job_id, token))

    def cancel(self, job_id: str, *, at: datetime, reason: str, expires_at: datetime) -> Record:
        return self._write(
            "cancel",
            (job_id, None, at),
            lambda: self._store.cancel(job_id, at=at, reason=reason, expires_at=expires_at),
            is_won=lambda record: record.state in (State.CANCELLED, State.PROCESSING),
        )

    def reschedule(self, job_id: str, *, run_at: datetime, at: datetime) -> Record:
        return self._write(
            "reschedule",
            (job_id, None, at),
            lambda: self._store.reschedule(job_id, run_at=run_at, at=at),
            is_won=lambda record: record.run_at == run_at,
        )

    def give_up(
        self, idle: Record, *, at: datetime, reason: str, error: AttemptError, expires_at: datetime
    ) -> Record:
        return self._write(
            "give up",
            (idle.job_id, None, at),
            lambda: self._store.give_up(
                idle, at=at, reason=reason, error=error, expires_at=expires_at
            ),
            is_won=lambda record: record.state is State.FAILED,
        )

    def due(self, shard: int, *, before: datetime, limit: int) -> Sequence[Due]:
        """Asked of every shard in turn: one in eight may fail, or no fault is left for others.

        An index that is behind shows what it showed before: jobs that moved, and none that came.
        """
        ground = self._ground
        kinds = CALL if ground.rng.randrange(SHARDS) == 0 else ()
        now = self._reach(
            "due", lambda _: self._store.due(shard, before=before, limit=limit), kinds
        )
        before_now = ground.shown.get(shard, now)
        ground.shown[shard] = now
        is_behind = now != before_now and ground.faults.draw("due", (Fault.BEHIND,))
        return before_now if is_behind else now

    def postpone_many(self, postponements: Sequence[Postponement]) -> list[bool]:
        return [self._postpone(one) for one in postponements]

    def _postpone(self, one: Postponement) -> bool:
        return self._reach("postpone", lambda _: self._store.postpone_many([one])[0])

    def get_many(self, job_ids: Sequence[str]) -> list[Record | None]:
        return self._reach("read", lambda _: self._store.get_many(job_ids))

    def list(
        self, state: State, *, job_type: str, limit: int = 50, cursor: str | None = None
    ) -> Page:
        return self._store.list(state, job_type=job_type, limit=limit, cursor=cursor)

    def _put(self, record: Record) -> Put:
        puts: list[Put] = []

        def put() -> Put:
            (answer,) = self._store.put_many([record])
            # A store knows its own record when it repeats a call.
            ours = bool(puts) and bodiless(record) == answer.record
            puts.append(Put(created=True, record=record) if ours else answer)
            return puts[-1]

        return self._write(
            "put", (record.job_id, None, record.updated_at), put, is_won=lambda put: put.created
        )

    def _claim(self, claim: Claim) -> Claimed:
        answer = self._write(
            "claim",
            (claim.job_id, claim.lease.token, claim.now),
            lambda: self._store.claim_many([claim])[0],
            is_won=lambda answer: answer.verdict is Verdict.GRANTED,
        )
        self._ground.history.cells["claim met", answer.verdict.value] += 1
        if answer.verdict is Verdict.GRANTED:
            self._process.tokens[claim.job_id] = claim.lease.token
        return answer

    def _finish(self, finish: Finish) -> bool:
        return self._write(
            "finish",
            (finish.job_id, finish.token, finish.at),
            lambda: self._store.finish_many([finish])[0],
            is_won=bool,
        )

    def _write[T](
        self,
        step: str,
        signed: tuple[str, str | None, datetime],
        effect: Callable[[], T],
        *,
        is_won: Callable[[T], bool],
    ) -> T:
        job_id, token, now = signed
        ours: list[Record] = []

        def write(again: bool) -> T:  # noqa: FBT001 -- as Process.call has it
            first = ours[:1]
            before, by = self._ground.record(job_id), self._process.name
            try:
                answer = effect()
            finally:  # what it tells containers then may fail
                after = self._ground.record(job_id)
                if after is not None and after is not before:
                    ours.append(after)
                    self._ground.tell(
                        Wrote(by=by, call=step, token=token, now=now, before=before, after=after)
                    )
            if again and first and before is first[0]:
                won = is_won(answer)
                self._ground.tell(Repeated(by=by, call=step, job_id=job_id, is_won=won))
            return answer

        return self._reach(step, write)

    def _reach[T](
        self, step: str, effect: Callable[[bool], T], kinds: tuple[Fault, ...] = CALL
    ) -> T:
        try:
            return self._process.call(step, kinds, effect)
        except Unreachable as error:
            raise StoreUnavailableError(str(error)) from error


class RemoteQueue:
    """The queues over the network."""

    def __init__(self, process: Process, *, sends_as: str) -> None:
        self._process = process
        self._ground = process.ground
        self._sends_as = sends_as

    def send_many(self, address: str, messages: Sequence[Outgoing]) -> list[SendFailure | None]:
        if not messages:
            return []
        is_letter = address.endswith("-dead")
        step = "dead letter" if is_letter else self._sends_as

        def send(again: bool) -> list[SendFailure | None]:  # noqa: FBT001
            return [self._send(message, address, is_letter=is_letter) for message in messages]

        if len(messages) > 1 and self._ground.faults.draw(step, (Fault.PARTIAL,)):
            return [self._send_or_fail(one, address, is_letter=is_letter) for one in messages]
        try:
            return self._process.call(step, CALL, send)
        except Unreachable as error:
            return [SendFailure(code="NoAnswer", message=str(error)) for _ in messages]

    def waiting(self, address: str) -> int:
        """Approximate, as SQS has it."""
        queue, rng = self._ground.broker.waiting, self._ground.rng
        try:
            return self._process.call("count", CALL, lambda _: rng.choice((0, 1, len(queue))))
        except Unreachable as error:
            raise QueueUnavailableError(str(error)) from error

    def receive(self, address: str, *, limit: int, hide: timedelta) -> list[Received]:
        ground = self._ground
        for old in ground.broker.expire_letters(ground.now):
            ground.tell(Outlived(job_id=old.job_id, message_id=old.message_id, is_letter=True))

        def receive(again: bool) -> list[Received]:  # noqa: FBT001
            letters = ground.broker.receive_letters(ground.now, limit, hide)
            return [letter_received(letter) for letter in letters]

        # Asked each minute: an empty queue seldom fails, or no fault is left for others.
        kinds = CALL if ground.broker.dead or ground.rng.randrange(SHARDS) == 0 else ()
        try:
            return self._process.call("look", kinds, receive)
        except Unreachable as error:
            raise QueueUnavailableError(str(error)) from error

    def delete_many(self, address: str, receipts: Sequence[str]) -> list[SendFailure | None]:
        if not receipts:
            return []

        def delete(again: bool) -> list[SendFailure | None]:  # noqa: FBT001
            for receipt in receipts:
                self._ground.broker.delete(receipt, is_letter=True)
            return [None for _ in receipts]

        try:
            return self._process.call("delete letter", CALL, delete)
        except Unreachable as error:
            return [SendFailure(code="NoAnswer", message=str(error)) for _ in receipts]

    def hide_many(self, address: str, hides: Sequence[Hide]) -> list[SendFailure | None]:
        if not hides:
            return []
        is_letter, broker = address.endswith("-dead"), self._ground.broker

        def hide(again: bool) -> list[SendFailure | None]:  # noqa: FBT001
            now = self._ground.now
            return [broker.hide(hide, now, is_letter=is_letter) for hide in hides]

        try:
            return self._process.call("show" if is_letter else "hide", CALL, hide)
        except Unreachable as error:
            return [SendFailure(code="NoAnswer", message=str(error)) for _ in hides]

    def _send_or_fail(
        self, message: Outgoing, address: str, *, is_letter: bool
    ) -> SendFailure | None:
        if self._ground.rng.random() < 0.5:
            return SendFailure(code="InternalError", message="this entry only")
        return self._send(message, address, is_letter=is_letter)

    def _send(self, outgoing: Outgoing, address: str, *, is_letter: bool) -> SendFailure | None:
        ground = self._ground
        sent = ground.broker.send(outgoing, ground.now, is_letter=is_letter, queue=address)
        if not isinstance(sent, Message):
            return sent
        record = self._ground.record(sent.job_id)
        self._ground.tell(
            Sent(
                by=self._process.name,
                job_id=sent.job_id,
                is_letter=is_letter,
                needs_record=sent.generation is not None,
                has_record=record is not None,
                attributes=outgoing.attributes,
                queue=address,
                text=said(outgoing.body),
                is_ahead=record is not None and (sent.generation or 1) > record.generation,
            )
        )
        return None
