"""A mill of small jobs, for tests of whoever moves workflows on."""

from dataclasses import dataclass, field
from datetime import timedelta

from workerless import Discard, Fail, Fixed, JobType, Payload, Result, Workflow, result_of, step
from workerless.execution.context import JobContext
from workerless.redrive import Redrive
from workerless.resend import resent
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker


class Grain(Payload):
    """What goes in; ``n`` tells one from the other."""

    n: int
    note: str = ""


class Flour(Result):
    """What comes out."""

    n: int
    note: str = ""


class Sacks(Payload):
    """What is put together."""

    ns: list[int | None]


grind = JobType(
    name="grind",
    payload=Grain,
    result=Flour,
    retry=Fixed(attempts=2, delay=timedelta(seconds=5)),
    batch_size=10,
)
pack = JobType(name="pack", payload=Sacks, result=Flour)
sweep_up = JobType(name="sweep_up", payload=Grain)
call = JobType(name="call", payload=Grain)


@dataclass(kw_only=True)
class Mill:
    """``done`` tells what was done, in its order; ``bad`` numbers fail for good."""

    done: list[tuple[str, object]] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)
    thrown_away: set[int] = field(default_factory=set)

    def stage(self) -> InMemoryStage:
        @worker(grind)
        def do_grind(grain: Grain, job: JobContext) -> Flour:
            self.done.append(("grind", grain.n))
            if grain.n in self.bad:
                raise Fail("stones")
            if grain.n in self.thrown_away:
                raise Discard("dust")
            return Flour(n=grain.n + 1, note=f"from {job.job_id}")

        @worker(pack)
        def do_pack(sacks: Sacks, job: JobContext) -> Flour:
            self.done.append(("pack", sacks.ns))
            return Flour(n=sum(n or 0 for n in sacks.ns))

        @worker(sweep_up)
        def do_sweep_up(grain: Grain, job: JobContext) -> None:
            self.done.append(("sweep_up", grain.n))
            if -grain.n in self.bad:
                raise Fail("broom")

        @worker(call)
        def do_call(grain: Grain, job: JobContext) -> None:
            self.done.append((job.job_id.rpartition(":")[2], (grain.n, grain.note)))

        return InMemoryStage(do_grind, do_pack, do_sweep_up, do_call)

    def did(self, what: str) -> list[object]:
        return [of for name, of in self.done if name == what]


def redrive(job_id: str, stage: InMemoryStage) -> None:
    """As a person does, of a job that failed."""
    doubles = stage.doubles
    now = doubles.clock.now()
    (seen,) = doubles.store.get_many([job_id])
    assert seen is not None
    doubles.store.redrive_many([Redrive(seen=seen, by="ada", at=now, run_at=now)])
    (again,) = doubles.store.get_many([job_id])
    assert again is not None
    queue = doubles.directory.find(seen.job_type).queue
    doubles.queue.send_many(queue, [resent(again, now)])


def three_steps() -> Workflow:
    """Each makes good what it did."""
    return Workflow(
        "three",
        step("first", grind.with_(n=1), compensate=sweep_up.with_(n=1)),
        step("second", grind.with_(n=result_of("first").n), compensate=sweep_up.with_(n=2)),
        step("third", grind.with_(n=3), after="second", compensate=sweep_up.with_(n=3)),
    )
