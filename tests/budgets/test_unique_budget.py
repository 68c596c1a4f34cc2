"""What uniqueness costs when a job is enqueued, and that it costs nothing after that."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from tests.budgets.conftest import MeteredBench
from tests.unit.execution.bench import TASK, Task
from workerless import OnDuplicate, Unique, Until

MakeMetered = Callable[..., MeteredBench]


def spent(bench: MeteredBench, enqueue: Callable[[], object]) -> Counter[str]:
    before = Counter(bench.requests())
    enqueue()
    return Counter(bench.requests()) - before


def test_requests_of_a_unique_job_and_of_its_duplicate(make_metered: MakeMetered) -> None:
    job_type = replace(TASK, unique=Unique())
    bench = make_metered(job_type=job_type)

    first = spent(bench, lambda: bench.client.enqueue(job_type, Task(text="a")))
    again = spent(bench, lambda: bench.client.enqueue(job_type, Task(text="a")))

    assert first == {"BatchGetItem": 1, "TransactWriteItems": 1, "SendMessageBatch": 1}
    assert again == {"BatchGetItem": 2}


def test_requests_of_a_job_that_replaces_another(make_metered: MakeMetered) -> None:
    rule = Unique(until=Until.STARTED, on_duplicate=OnDuplicate.REPLACE)
    job_type = replace(TASK, unique=rule)
    bench = make_metered(job_type=job_type)
    bench.client.enqueue(job_type, Task(text="a"))

    again = spent(bench, lambda: bench.client.enqueue(job_type, Task(text="a")))

    assert again == {"BatchGetItem": 2, "UpdateItem": 1}


def test_many_unique_jobs_are_looked_up_in_few_calls(make_metered: MakeMetered) -> None:
    job_type = replace(TASK, unique=Unique())
    bench = make_metered(job_type=job_type)
    payloads = [Task(text=f"job {number}") for number in range(50)]

    asked = spent(bench, lambda: bench.client.enqueue_many(job_type, payloads))

    assert asked == {"BatchGetItem": 1, "TransactWriteItems": 50, "SendMessageBatch": 5}
