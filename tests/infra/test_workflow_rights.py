"""Who moves workflows on may do what it does: its calls on moto, held against its role."""

import os
from collections.abc import Callable, Iterator

import boto3
import pytest

from tests.infra.cloud import Cloud
from tests.infra.deployed_stage import STAGE, TYPE, Context, Task, deployed_stage
from tests.infra.rights import granted, missing, written_down
from workerless import JobType, Result, chain, group, naming
from workerless.client import connect
from workerless.operating import operate
from workerless.orchestrator import OrchestratorFunction
from workerless.sweeper import SweeperFunction


class Told(Result):
    """What a task gave."""

    text: str


ONE = JobType(name=TYPE, payload=Task, result=Told)


@pytest.fixture
def _stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with deployed_stage(monkeypatch):
        yield


def obey() -> None:
    """All orders that there are."""
    sqs = boto3.client("sqs")
    url = os.environ["WORKERLESS_QUEUE_URL"]
    for _ in range(20):
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        records = [{"messageId": one["MessageId"], "body": one["Body"]} for one in found]
        assert OrchestratorFunction()({"Records": records}, Context()) == {"batchItemFailures": []}
        for one in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    sqs.close()


@pytest.mark.usefixtures("_stage")
def test_orchestrator_may_start_call_off_and_call_back(
    clouds: Callable[[str], Cloud],
) -> None:
    client = connect(STAGE)
    big = ONE.with_(text="x" * 300_000)
    flow = client.start(chain(group(big, ONE.with_(text="a")), ONE.with_(text="b")))
    many = client.start(group(*(ONE.with_(text=str(n)) for n in range(101))))
    with client.batch("some", on_completion=ONE.with_(text="c")) as batch:
        batch.add(ONE, Task(text="d"))

    with written_down() as needed:
        obey()
        for run in (flow, many, batch):
            run.cancel("enough")
        obey()

    assert [run.status().state for run in (flow, many, batch)] == ["cancelled"] * 3
    assert ("sqs:SendMessage", naming.resource(STAGE, TYPE)) in needed
    assert any(action == "s3:PutObject" for action, _ in needed)
    orders = naming.workflows_queue(STAGE)
    needed -= {("sqs:ReceiveMessage", orders), ("sqs:DeleteMessage", orders)}  # as Lambda does it
    assert missing(needed, granted(clouds(STAGE), naming.orchestrator(STAGE))) == set()


@pytest.mark.usefixtures("_stage")
def test_api_may_retry_a_workflow_whose_parts_go_on(clouds: Callable[[str], Cloud]) -> None:
    part = group(ONE.with_(text="a"), ONE.with_(text="b"))
    run = connect(STAGE).start(chain(part, ONE.with_(text="c")), workflow_id="w")
    obey()
    run.cancel("not now")
    obey()

    with written_down() as needed:
        again = operate(STAGE, by="ada").workflows.retry("w", why="now")

    inner = connect(STAGE).workflow("w.1:group").status()
    assert (again.state, inner.state) == ("running", "running")
    assert missing(needed, granted(clouds(STAGE), naming.api(STAGE))) == set()


@pytest.mark.usefixtures("_stage")
def test_sweeper_may_order_what_was_lost(clouds: Callable[[str], Cloud]) -> None:
    run = connect(STAGE).start(ONE.with_(text="a"))
    run.world.containers.wake(run.id, at=run.world.clock.now())

    with written_down() as needed:
        assert SweeperFunction()({}, Context())["workflows"] == 1

    assert ("sqs:SendMessage", naming.workflows_queue(STAGE)) in needed
    assert missing(needed, granted(clouds(STAGE), naming.sweeper(STAGE))) == set()
