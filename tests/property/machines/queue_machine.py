"""Client, queue, worker and sweeper in any order of events, with processes that die anywhere."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.property.machines.mortal import Death, Life, Mortal
from tests.property.machines.watch import WatchedStore
from tests.unit.execution.bench import Bench, Done, Task
from workerless import Discard, Fail, Snooze
from workerless.backoff import Fixed
from workerless.execution.runtime import Ports
from workerless.ports import Store
from workerless.testing.clock import FakeClock
from workerless.worker import Worker, worker

MOST_STARTS = 400
ACTS = ("succeed", "succeed", "raise", "snooze", "discard", "fail", "die", "oversleep")
TYPE = replace(Bench.job_type, batch_size=3, retry=Fixed(attempts=2, delay=timedelta(seconds=10)))


class MortalBench(Bench):
    """A bench whose workers have but one life each."""

    life = Life()

    def ports(self, store: Store | None = None) -> Ports:
        ports = super().ports(store)
        return replace(
            ports, store=Mortal(ports.store, self.life), queue=Mortal(ports.queue, self.life)
        )


class QueueMachine(RuleBasedStateMachine):
    """Invariants are judged after each step; at the end faults stop and every job must end."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = MortalBench(job_type=TYPE, clock=FakeClock())
        self.store = WatchedStore(self.bench.clock)
        self.bench.store = self.store
        self.bench.connect()
        self.bench.handle(self._perform)
        self.other: Worker = worker(TYPE)(lambda payload: Done(text=payload.text))
        self.script: list[str] = []
        self.accepted: dict[str, str] = {}
        self.purged: set[str] = set()
        self.numbers = count(1)

    @rule(delay=st.sampled_from([0, 0, 30, 1_000]), attempts=st.none() | st.just(1))
    def enqueue(self, delay: int, attempts: int | None) -> None:
        self._enqueue(f"job {next(self.numbers)}", timedelta(seconds=delay), attempts)

    @precondition(lambda self: self.accepted)
    @rule(data=st.data())
    def enqueue_again(self, data: st.DataObject) -> None:
        text = data.draw(st.sampled_from(sorted(self.accepted.values())))
        self._enqueue(text, timedelta(0), None)

    @precondition(lambda self: self._messages())
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        """SQS delivers twice."""
        bodies = [message.body for message in self._messages()]
        self.bench.send(data.draw(st.sampled_from(bodies)))

    @precondition(lambda self: self._messages())
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        """SQS does not, but an operator may purge a queue: then only the sweeper can help."""
        queue = self.bench.queue._queue(self.bench.address.queue)  # noqa: SLF001 -- no port loses messages
        place = data.draw(st.integers(0, len(queue.messages) - 1))
        self.purged.add(json.loads(queue.messages.pop(place).outgoing.body)["id"])

    @rule(acts=st.lists(st.sampled_from(ACTS), max_size=4))
    def deliver(self, acts: list[str]) -> None:
        self._deliver(acts, Life())

    @rule(
        acts=st.lists(st.sampled_from(ACTS), max_size=4),
        calls=st.integers(1, 6),
        effective=st.booleans(),
    )
    def deliver_to_one_who_dies(self, *, acts: list[str], calls: int, effective: bool) -> None:
        self._deliver(acts, Life(calls, effective))

    @rule(seconds=st.sampled_from([1, 30, 60, 120, 1_000]))
    def wait(self, seconds: int) -> None:
        self.bench.clock.advance(timedelta(seconds=seconds))

    @rule()
    def sweep(self) -> None:
        self.bench.sweep()

    @invariant()
    def no_promise_is_broken(self) -> None:
        assert self.store.broken == []
        assert [job for job, times in self.store.completed.items() if times > 1] == []

    @invariant()
    def who_was_told_an_id_finds_its_job(self) -> None:
        assert None not in self.store.get_many(list(self.accepted))

    def teardown(self) -> None:
        """From here on nothing goes wrong any more."""
        self.script, self.bench.life = [], Life()
        try:
            self.bench.drain(most=MOST_STARTS)
            records = self.store.get_many(list(self.accepted))
            assert [one for one in records if one is None or not one.state.is_terminal] == []
            self.no_promise_is_broken()
            failed = {one.job_id for one in records if one is not None and one.state == "failed"}
            letters = {letter.attributes.get("job_id") for letter in self.bench.dead_letters()}
            assert failed - self.purged <= letters
        finally:
            self.bench.close()
            self.other.close()

    def _enqueue(self, text: str, delay: timedelta, attempts: int | None) -> None:
        job = self.bench.client.enqueue(
            TYPE, Task(text=text), idempotency_key=text, delay=delay, attempts=attempts
        )
        assert self.accepted.setdefault(job.id, text) == text

    def _deliver(self, acts: list[str], life: Life) -> None:
        self.script, self.bench.life = list(acts), life
        try:
            self.bench.deliver(TYPE.batch_size)
        except Death:
            self.bench.handle(self._perform)  # another process comes
        finally:
            self.script, self.bench.life = [], Life()

    def _perform(self, payload: Task) -> Any:
        act = self.script.pop(0) if self.script else "succeed"
        match act:
            case "raise":
                raise OSError(payload.text)
            case "snooze":
                raise Snooze(timedelta(seconds=20))
            case "discard":
                raise Discard("as scripted")
            case "fail":
                raise Fail("as scripted")
            case "die":
                self.bench.life.calls = 0
                raise Death
            case "oversleep":
                self._oversleep()
            case _:
                pass
        return Done(text=payload.text)

    def _oversleep(self) -> None:
        """Meanwhile its message comes back, and another worker has all the time it needs."""
        self.bench.clock.advance(TYPE.visibility_timeout + timedelta(seconds=1))
        records = self.bench.queue.deliver(self.bench.address.queue, TYPE.batch_size)
        ports = Bench.ports(self.bench)
        response = self.other.run(records, ports, TYPE.function_timeout)
        kept = {one["itemIdentifier"] for one in response["batchItemFailures"]}
        for record in records:
            if record["messageId"] not in kept:
                self.bench.queue.acknowledge(self.bench.address.queue, record["receiptHandle"])

    def _messages(self) -> list[Any]:
        return self.bench.queue.messages(self.bench.address.queue)
