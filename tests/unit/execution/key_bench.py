"""A bench with a concurrency key, whose every delivery is another execution environment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless.execution.gate import Gate
from workerless.execution.gating import gates_of
from workerless.execution.runtime import Ports
from workerless.flow.concurrency import Concurrency
from workerless.ports import Store
from workerless.testing.crash import MortalStore
from workerless.testing.flow.stores import InMemoryFlow
from workerless.transition import Finish

ONE_A_TEXT = replace(TASK, concurrency_key=Concurrency(1, key="text"), batch_size=1)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class SlowStore(MortalStore):
    """Does ``first`` once before it writes an end."""

    first: Callable[[], Any] | None = None

    def finish_many(self, finishes: Sequence[Finish]) -> list[bool]:
        now, self.first = self.first, None
        if now is not None:
            now()
        return super().finish_many(finishes)


@dataclass(kw_only=True)
class KeyBench(Bench):
    """A bench whose every delivery is another environment, with gates of its own.

    ``meanwhile`` is done once by the next handler that starts, before it ends.
    """

    started: list[str] = field(default_factory=list)
    meanwhile: Callable[[], Any] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.store: SlowStore = SlowStore(self.clock)
        self.connect()
        self.flow = InMemoryFlow(self.clock, self.store)
        self.handle(self.perform)

    def perform(self, task: Task) -> Done:
        self.started.append(task.text)
        now, self.meanwhile = self.meanwhile, None
        if now is not None:
            now()
        return Done(text=task.text)

    def ports(self, store: Store | None = None) -> Ports:
        return replace(super().ports(store), gates=self.gates())

    def gates(self) -> tuple[Gate, ...]:
        return gates_of(self.job_type, self.flow)

    def enqueue(self, *texts: str) -> list[str]:
        return [self.client.enqueue(self.job_type, Task(text=text)).id for text in texts]
