"""The function of a pool: each event goes to the worker of its queue's job type."""

import sys
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from workerless import JobType, Payload
from workerless.environment import WorkerEnvironment
from workerless.errors import WorkerlessError
from workerless.operations.doctor import function_rules
from workerless.pool import Pool
from workerless.testing.directory import InMemoryDirectory
from workerless.testing.platform import a_deployed_job_type
from workerless.worker import LambdaContext, Worker, ports_from_environment

CONTEXT: LambdaContext = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)


SOUND = a_deployed_job_type(InMemoryDirectory(["greet"]).find("greet"))


class Task(Payload):
    """What a test has done."""


class Noting(Worker):
    """Notes the queues that its events are from."""

    def __init__(self, name: str) -> None:
        super().__init__(
            job_type=JobType(name=name, payload=Task),
            perform=None,  # type: ignore[arg-type]
            hooks=(),
            on_init=None,
            on_shutdown=None,
        )
        self.seen: list[str] = []

    def __call__(self, event: Any, context: LambdaContext) -> Any:
        self.seen += [one["eventSourceARN"] for one in event["Records"]]
        return {"batchItemFailures": []}


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Noting]:
    """Two members, importable as handlers of a checkout are; and one that is none."""
    made = {"mail": Noting("user.mail"), "image": Noting("image")}
    monkeypatch.setenv("WORKERLESS_STAGE", "prod")
    for folder, handler in {**made, "odd": None}.items():
        module = ModuleType(f"functions.{folder}.handler")
        module.handler = handler  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setitem(sys.modules, f"functions.{folder}", ModuleType(f"functions.{folder}"))
    return made


POOL = {"user.mail": "mail", "image": "image", "odd": "odd"}


def event(queue: str) -> dict[str, Any]:
    return {"Records": [{"eventSourceARN": f"arn:aws:sqs:us-east-1:1:{queue}"}]}


def test_event_goes_to_the_worker_of_its_queue_whatever_its_lane(
    workers: dict[str, Noting],
) -> None:
    pool = Pool(POOL)
    queues = ("workerless-prod-image", "workerless-prod-user-mail", "workerless-prod-image--high")

    for queue in queues:
        assert pool(event(queue), CONTEXT) == {"batchItemFailures": []}

    assert [arn.rpartition(":")[2] for arn in workers["image"].seen] == [queues[0], queues[2]]
    assert [arn.rpartition(":")[2] for arn in workers["mail"].seen] == [queues[1]]


def test_queue_of_nobody_is_told(workers: dict[str, Noting]) -> None:
    with pytest.raises(WorkerlessError, match="workerless-prod-other is of no job type of this"):
        Pool(POOL)(event("workerless-prod-other"), CONTEXT)


def test_handler_that_is_no_worker_is_told(workers: dict[str, Noting]) -> None:
    with pytest.raises(WorkerlessError, match=r"functions/odd/handler\.py must have a `handler"):
        Pool(POOL)(event("workerless-prod-odd"), CONTEXT)


def test_worker_of_a_pool_finds_its_queues_below_the_place_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    here = WorkerEnvironment(
        stage="prod",
        table="t",
        bucket="b",
        queue_url="https://sqs/1/",
        dead_letter_url="https://sqs/1/",
    )

    ports = ports_from_environment(here.render(), JobType(name="user.mail", payload=Task))

    assert ports.queue_address == "https://sqs/1/workerless-prod-user-mail"
    assert ports.dead_letters == "https://sqs/1/workerless-prod-user-mail-dead"


def test_function_of_a_pool_knows_the_place_of_all_queues() -> None:
    assert SOUND.function is not None
    known = SOUND.function.environment
    place = {
        "WORKERLESS_QUEUE_URL": "https://sqs/1/",
        "WORKERLESS_DEAD_LETTER_URL": "https://sqs/1/",
    }
    at_home = replace(
        SOUND.address, queue="http://local/1/greet", dead_letters="http://local/1/greet-dead"
    )
    function = replace(SOUND.function, environment={**known, **place})
    deployed = replace(SOUND, function=function, address=at_home)
    elsewhere = replace(deployed, address=replace(at_home, queue="http://local/2/greet"))

    rule = function_rules.function_knows_its_queue
    assert (list(rule(deployed)), [one.rule for one in rule(elsewhere)]) == ([], ["environment"])
