"""Jobs that kill their process, and what their bench looks like to the living."""

from collections.abc import Mapping
from datetime import timedelta

from tests.unit.execution.bench import Bench, Done, Task
from workerless import Hooks
from workerless.handle import Job
from workerless.testing.memory import RecordingTelemetry


class ProcessDeath(BaseException):
    """Caught by nobody but the test: after it, nothing of the invocation is written."""


class DeadlyTelemetry(RecordingTelemetry):
    """Kills the process at the very start of the jobs named in ``killers``."""

    def __init__(self) -> None:
        super().__init__()
        self.killers: set[str] = set()

    def transition(self, fields: Mapping[str, str | int | float | None]) -> None:
        super().transition(fields)
        if fields["event"] == "job.started" and fields["job_id"] in self.killers:
            raise ProcessDeath

    def starts(self, job_id: str) -> list[object]:
        return [
            line["attempt"]
            for line in self.transitions
            if line["event"] == "job.started" and line["job_id"] == job_id
        ]


class Morgue:
    """A bench whose jobs called 'die' take their process with them."""

    def __init__(self, bench: Bench, hooks: list[Hooks] | None = None) -> None:
        self.bench = bench
        self.telemetry = bench.telemetry = DeadlyTelemetry()
        self.hooks = hooks or []
        self.revive()

    def enqueue(self, *texts: str) -> list[Job[Done]]:
        jobs = self.bench.client.enqueue_many(
            self.bench.job_type, [Task(text=text) for text in texts]
        )
        for text, job in zip(texts, jobs, strict=True):
            if text == "die":
                self.telemetry.killers.add(job.id)
        return jobs

    def revive(self) -> None:
        self.bench.handle(lambda payload: Done(text=payload.text), hooks=self.hooks)

    def invoke(self) -> None:
        try:
            self.bench.deliver()
        except ProcessDeath:
            self.bench.clock.forget()
            self.revive()

    def drain(self) -> None:
        for _ in range(100):
            at = self.bench.queue.next_visible_at(self.bench.address.queue)
            if at is None:
                return
            self.bench.clock.advance(max(at - self.bench.clock.now(), timedelta(0)))
            self.invoke()
        raise AssertionError("never quiet")
