"""Claims that the store does not answer, beside others that it does."""

from collections.abc import Sequence

from tests.unit.execution.bench import Bench, Done, Task
from tests.unit.execution.test_faults import Wrapped, down
from workerless import State
from workerless.errors import StoreUnavailableError
from workerless.ports import Claimed
from workerless.transition import Claim


def echo(payload: Task) -> Done:
    return Done(text=payload.text)


def test_one_record_that_cannot_be_read_does_not_hold_up_its_neighbours(bench: Bench) -> None:
    bench.handle(echo)
    jobs = bench.client.enqueue_many(bench.job_type, [Task(text=str(n)) for n in range(4)])

    def one_throttled(claims: Sequence[Claim]) -> list[Claimed]:
        answers = []
        for claim in claims:  # as on DynamoDB: those before it are granted and written
            if claim.job_id == jobs[2].id:
                raise StoreUnavailableError("throttled")
            answers += bench.store.claim_many([claim])
        return answers

    kept = bench.deliver(store=Wrapped(bench.store, claim_many=one_throttled))

    assert len(kept) == 1
    states = [job.status().state for job in jobs]
    assert states == [State.COMPLETED, State.COMPLETED, State.PENDING, State.COMPLETED]
    bench.drain()
    assert [job.status().attempt for job in jobs] == [1, 1, 1, 1]


def test_store_that_is_down_is_not_asked_about_every_delivery(bench: Bench) -> None:
    bench.handle(echo)
    bench.client.enqueue_many(bench.job_type, [Task(text=str(n)) for n in range(10)])

    kept = bench.deliver(store=Wrapped(bench.store, claim_many=down))

    assert len(kept) == 10
    assert [trouble.event for trouble in bench.telemetry.troubles] == ["store_unavailable"] * 3
    assert bench.events() == ["job.deferred"] * 10
