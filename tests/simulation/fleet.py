"""Lambda: it receives batches, invokes, kills what takes too long, and deletes what is done."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from tests.simulation.broker import Message, event_record
from tests.simulation.environment import Environment, Scripts
from tests.simulation.fault import Fault
from tests.simulation.ground import Ground
from tests.simulation.history import Acknowledged, Blown, Note, Raised
from tests.simulation.plan import Plan
from tests.simulation.process import Process
from workerless.execution.response import BatchResponse
from workerless.testing.clock import START


class Fleet:
    """All execution environments of one function; ``plan.environments`` work at once."""

    def __init__(self, ground: Ground, plan: Plan, scripts: Scripts) -> None:
        self._ground = ground
        self._plan = plan
        self._scripts = scripts
        self._idle: list[Environment] = []
        self._all: list[Environment] = []
        self._busy = 0
        self._not_before = ground.now

    def polls_at(self) -> datetime | None:
        """When it would receive next; None while all are busy, or the queue is empty."""
        waiting = self._ground.broker.waiting
        if not waiting or self._busy >= self._plan.environments:
            return None
        visible_at = min(message.visible_at for message in waiting)
        return max(visible_at, self._not_before, self._ground.now)

    def poll(self) -> None:
        """Receive what is visible, and invoke the function with it."""
        ground = self._ground
        self._not_before = ground.now + timedelta(seconds=ground.rng.choice((0, 0, 1, 5)))
        limit = ground.rng.randint(1, ground.job_type.batch_size)
        received, blown = ground.broker.receive(ground.now, limit)
        for message in blown:
            ground.history.cells["receive", "fuse"] += 1
            ground.tell(
                Blown(
                    job_id=message.job_id,
                    message_id=message.message_id,
                    unanswered=message.unanswered,
                )
            )
        is_throttled = ground.now < START + self._plan.throttled_for
        if received and is_throttled:
            ground.history.cells["receive", "throttled for long"] += 1
        elif received and ground.faults.draw("receive", (Fault.BURNT,)):
            ground.tell(Note(text=f"lambda: throttled, {_ids(received)}"))
        elif received:
            self._invoke(received)

    def close(self) -> None:
        """End every thread and event loop that is left."""
        for environment in self._all:
            environment.close()

    def _invoke(self, messages: Sequence[Message]) -> None:
        ground, environment = self._ground, self._environment()
        self._busy += 1
        invocation = Invocation(ground, environment, messages)
        for message in messages:
            if ground.faults.draw("receive", (Fault.DUPLICATED,)):
                message.visible_at = ground.now + timedelta(seconds=ground.rng.randrange(60))
        ground.after(ground.job_type.function_timeout, lambda: self._time_out(invocation))
        invocation.start(lambda: self._end(invocation))

    def _environment(self) -> Environment:
        """A warm one, or a new one."""
        if self._idle and self._ground.rng.random() < 0.8:
            return self._idle.pop()
        skew = self._plan.max_skew * self._ground.rng.uniform(-1, 1)
        name = f"worker-{self._ground.number()}"
        process = Process(name=name, ground=self._ground, skew=skew)
        environment = Environment(
            process, self._scripts, is_async=self._plan.is_async, turns=self._plan.turns
        )
        self._all.append(environment)
        return environment

    def _end(self, invocation: "Invocation") -> None:
        if not invocation.is_given_up:
            self._busy -= 1
            if not invocation.environment.process.is_dead:
                self._idle.append(invocation.environment)

    def _time_out(self, invocation: "Invocation") -> None:
        """Lambda gives up on it. It dies, or freezes and wakes up where nobody waits for it."""
        if invocation.is_over:
            return
        self._busy -= 1
        invocation.is_given_up = True
        ground, process = self._ground, invocation.environment.process
        if ground.rng.random() < self._plan.zombies:
            ground.history.cells["handler", Fault.ZOMBIE] += 1
            ground.tell(Note(text=f"{process.name}: outlives its timeout"))
        else:
            ground.history.cells["handler", "killed at timeout"] += 1
            process.kill()


class Invocation:
    """One batch in one environment."""

    def __init__(
        self, ground: Ground, environment: Environment, messages: Sequence[Message]
    ) -> None:
        self.environment = environment
        self.is_over = False
        self.is_given_up = False
        self._ground = ground
        self._messages = {message.message_id: message for message in messages}
        self._records = [event_record(message) for message in messages]

    def start(self, at_end: Callable[[], None]) -> None:
        process = self.environment.process
        self._ground.tell(Note(text=f"{process.name}: invoked, {_ids([*self._messages.values()])}"))

        def body() -> None:
            try:
                self._answer(self._run())
            finally:
                self.is_over = True
                at_end()

        process.start(body)

    def _run(self) -> BatchResponse:
        timeout = self._ground.job_type.function_timeout
        try:
            return self.environment.run(self._records, timeout)
        except Exception as error:  # noqa: BLE001 -- no job may make a worker raise
            self._ground.tell(Raised(by=self.environment.process.name, error=repr(error)))
            names = [record["messageId"] for record in self._records]
            return {"batchItemFailures": [{"itemIdentifier": name} for name in names]}

    def _answer(self, response: BatchResponse) -> None:
        """What was not reported back is deleted: now, later, or as if it never had been.

        The answer of a zombie may still count.
        """
        kept = {failure["itemIdentifier"] for failure in response["batchItemFailures"]}
        for record in self._records:
            if record["messageId"] not in kept:
                self._acknowledge(self._messages[record["messageId"]], record["receiptHandle"])

    def _acknowledge(self, message: Message, receipt: str) -> None:
        ground = self._ground
        record = ground.record(message.job_id)
        ground.tell(
            Acknowledged(
                by=self.environment.process.name,
                job_id=message.job_id,
                message_id=message.message_id,
                record=record,
                others=ground.broker.of_job(message.job_id, besides=message.message_id),
                is_stale=record is not None and (message.generation or 1) < record.generation,
            )
        )
        if self.is_given_up and ground.rng.random() < 0.5:
            return
        fault = ground.faults.draw("delete", (Fault.UNDELETED, Fault.LATE))
        if fault is not Fault.UNDELETED:
            seconds = ground.rng.choice((30, 300)) if fault is Fault.LATE else 0
            ground.after(timedelta(seconds=seconds), lambda: self._delete(receipt))

    def _delete(self, receipt: str) -> None:
        answer = self._ground.broker.delete(receipt)
        self._ground.history.cells["delete", answer] += 1
        self._ground.tell(Note(text=f"lambda: {receipt} {answer}"))


def _ids(messages: Sequence[Message]) -> str:
    return " ".join(f"{one.receipts[-1]} ({one.job_id})" for one in messages)
