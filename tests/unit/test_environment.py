"""environment: what the stack renders is what the worker reads."""

import pytest

from workerless.environment import WorkerEnvironment
from workerless.errors import WorkerlessError

HERE = WorkerEnvironment(
    stage="dev",
    table="workerless-dev",
    bucket="workerless-dev-123456789012-eu-central-1",
    queue_url="https://sqs.eu-central-1.amazonaws.com/123456789012/workerless-dev-greet",
    dead_letter_url="https://sqs.eu-central-1.amazonaws.com/123456789012/workerless-dev-greet-dead",
)


def test_worker_reads_what_the_stack_rendered() -> None:
    assert WorkerEnvironment.read({**HERE.render(), "PATH": "/bin"}) == HERE


@pytest.mark.parametrize("name", sorted(HERE.render()))
def test_missing_or_empty_variable_is_named(name: str) -> None:
    variables = HERE.render()
    without = {key: value for key, value in variables.items() if key != name}

    for incomplete in (without, {**variables, name: ""}):
        with pytest.raises(WorkerlessError, match=f"variables {name}; its stack"):
            WorkerEnvironment.read(incomplete)


def test_all_missing_variables_are_named_at_once() -> None:
    with pytest.raises(WorkerlessError) as caught:
        WorkerEnvironment.read({})

    assert all(name in str(caught.value) for name in HERE.render())
