"""System functions may do what they do: their calls on moto, held against their roles."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.infra.cloud import Cloud
from tests.infra.deployed_stage import (
    STAGE,
    TASK,
    TYPE,
    Context,
    Task,
    deployed_stage,
    make_mapping,
)
from tests.infra.rights import granted, missing, written_down
from workerless import (
    Every,
    JobType,
    MaxWaiting,
    OnDuplicate,
    Overlap,
    Schedule,
    Unique,
    Until,
    chain,
    naming,
)
from workerless.aws.clock import SystemClock
from workerless.aws.flow.stores import DynamoFlow
from workerless.aws.session import AwsClients
from workerless.client import connect
from workerless.errors import JobStateError, WorkflowStateError
from workerless.execution.gates.known import KnownSettings
from workerless.ledger import Kind
from workerless.operating import OperatorFunction, desk, operate
from workerless.payload import digest
from workerless.planned import plan_of
from workerless.ports import Outgoing
from workerless.schedule.stand import Reprocess, Stand
from workerless.schedule.tick_message import SCHEDULED_TIME, tick_input
from workerless.search import Search
from workerless.sweeper import SweeperFunction
from workerless.testing.sample import a_record, an_error
from workerless.ticker import TickerFunction

ONE = JobType(
    name=TYPE,
    payload=Task,
    unique=Unique(until=Until.STARTED, on_duplicate=OnDuplicate.KEEP_LAST),
    max_waiting=MaxWaiting(limit=1_000),
)


@pytest.fixture
def _stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with deployed_stage(monkeypatch):
        yield


def kill(number: int) -> None:
    """So many dead jobs that found by a key, each with its letter, and member of a batch."""
    at = desk(STAGE, by="nobody")
    letters = at.directory.find(TYPE).dead_letters
    for n in range(number):
        data = {"text": str(n) * 1_000}
        record = a_record(
            f"job-{n}",
            job_type=TYPE,
            body=json.dumps(data),
            digest=digest(data),
            search_keys={"text": "0" * 16},
            member_of=f"batch/{'0' * 16}/{n}",
        )
        at.store.put_many([record])
        expires_at = at.clock.now() + timedelta(days=1)
        at.store.give_up(
            record, at=record.run_at, reason="x", error=an_error(), expires_at=expires_at
        )
        told = {"job_id": record.job_id, "job_type": TYPE, "reason": "x"}
        at.queue.send_many(letters, [Outgoing(body=record.body, attributes=told)])


@pytest.mark.usefixtures("_stage")
def test_sweeper_may_file_what_has_no_record(clouds: Callable[[str], Cloud]) -> None:
    at = desk(STAGE, by="nobody")
    letters = at.directory.find(TYPE).dead_letters
    at.queue.send_many(letters, [Outgoing(body="{" * size) for size in (1, 2, 2_000, 3_000)])

    with written_down() as needed:
        found = SweeperFunction()({}, Context())

    assert found["filed"] == 4
    assert missing(needed, granted(clouds(STAGE), naming.sweeper(STAGE))) == set()


@pytest.mark.usefixtures("_stage")
def test_ticker_may_make_ticks_jobs_and_call_off_earlier_ones(
    clouds: Callable[[str], Cloud],
) -> None:
    schedule = Schedule("often", Every(minutes=1), Task(text="x"), overlap=Overlap.CANCEL_OLD)
    told, now = tick_input(plan_of(TASK, schedule)), SystemClock().now()
    ticks = [now - timedelta(minutes=1), now]
    bodies = [told.replace(SCHEDULED_TIME, tick.isoformat(timespec="minutes")) for tick in ticks]

    with written_down() as needed:
        take = TickerFunction()
        for body in bodies:
            record = {"messageId": "m", "body": body, "attributes": {}}
            assert take({"Records": [record]}, Context()) == {"batchItemFailures": []}

    assert ("sqs:SendMessage", naming.resource(STAGE, TYPE)) in needed
    assert missing(needed, granted(clouds(STAGE), naming.ticker(STAGE))) == set()


@pytest.mark.usefixtures("_stage")
@pytest.mark.parametrize("kind", [Kind.RETRY, Kind.DISCARD, Kind.ARCHIVE])
def test_operator_may_drive_operations_to_their_end(
    kind: Kind, clouds: Callable[[str], Cloud]
) -> None:
    kill(3)
    operate(STAGE, by="ada").bulk.start(kind, Search(job_type=TYPE))

    with written_down() as needed:
        found = OperatorFunction()({}, Context())

    assert found == {"operations": 1, "running": 0, "paused": 0, "scaled": 0}

    assert missing(needed, granted(clouds(STAGE), naming.operator(STAGE))) == set()


@pytest.mark.usefixtures("_stage")
@pytest.mark.parametrize("function", [naming.operator, naming.api])
def test_operator_and_api_may_switch_mappings(
    function: Callable[[str], str], clouds: Callable[[str], Cloud]
) -> None:
    make_mapping()

    with written_down() as needed:
        flow = operate(STAGE, by="ada").flow
        flow.pause(TYPE, why="tax day")
        OperatorFunction()({}, Context())
        flow.resume(TYPE)

    assert "lambda:UpdateEventSourceMapping" in {action for action, _ in needed}
    assert missing(needed, granted(clouds(STAGE), function(STAGE))) == set()


@pytest.mark.usefixtures("_stage")
def test_api_may_do_what_an_operator_does(clouds: Callable[[str], Cloud]) -> None:
    kill(6)

    with written_down() as needed:
        operations = operate(STAGE, by="ada")
        operations.dead.list(Search(job_type=TYPE), limit=2, with_data=True)
        operations.dead.show("job-0")
        operations.dead.retry("job-1", why="fixed")
        operations.dead.discard("job-2", why="old")
        operations.dead.archive("job-3", why="old")
        operations.bulk.start(Kind.DISCARD, Search(job_type=TYPE))
        operations.groups.ignore(TYPE, "0" * 16)
        operations.queues.stats(TYPE)
        operations.queues.metrics(TYPE)
        operations.limits.set("keys:task", 1, why="slow today")
        operations.limits.clear("keys:task")
        with pytest.raises(JobStateError):
            operations.breakers.close("bank", why="mended")
        operations.audit.list()

    assert missing(needed, granted(clouds(STAGE), naming.api(STAGE))) == set()


@pytest.mark.usefixtures("_stage")
def test_api_may_do_with_schedules_what_an_operator_does(clouds: Callable[[str], Cloud]) -> None:
    schedule = Schedule("often", Every(minutes=1), Task(text="x"), tenant="acme")
    plan, now = plan_of(TASK, schedule), SystemClock().now()
    for schedule_id in (plan.schedule_id, "task-other"):
        stand = Stand(schedule_id=schedule_id, plan=plan, look_at=now)
        desk(STAGE, by="nobody").stands.save(stand)

    with written_down() as needed:
        operations = operate(STAGE, by="ada")
        span: Any = {"first": now - timedelta(hours=1), "last": now, "reprocess": Reprocess.NONE}
        for schedules in (operations.schedules, operations.schedules.of("acme")):
            schedules.list(limit=1)
            schedules.show(plan.schedule_id)
            schedules.pause(plan.schedule_id, why="tax day")
            schedules.resume(plan.schedule_id)
            schedules.run(plan.schedule_id)
            schedules.preview(plan.schedule_id, **span)
            schedules.backfill(plan.schedule_id, limit=1, **span)
            schedules.stop(plan.schedule_id)

    assert missing(needed, granted(clouds(STAGE), naming.api(STAGE))) == set()


@pytest.mark.usefixtures("_stage")
def test_api_may_see_cancel_and_retry_workflows(clouds: Callable[[str], Cloud]) -> None:
    client = connect(STAGE)
    client.start(chain(TASK.with_(text="x"), TASK.with_(text="y")), workflow_id="w")
    client.batch("many", batch_id="b").let_go()

    with written_down() as needed:
        workflows = operate(STAGE, by="ada").workflows
        workflows.list(limit=1)
        workflows.show("b")
        workflows.tree("w")
        workflows.cancel("w", why="no more")
        with pytest.raises(WorkflowStateError):
            workflows.retry("w")

    assert ("sqs:SendMessage", naming.workflows_queue(STAGE)) in needed
    assert missing(needed, granted(clouds(STAGE), naming.api(STAGE))) == set()


@pytest.mark.usefixtures("_stage")
def test_worker_may_look_whether_its_jobs_are_held_back(clouds: Callable[[str], Cloud]) -> None:
    clients = AwsClients()
    flow = DynamoFlow(clients.dynamodb, naming.table(STAGE), SystemClock())

    with written_down() as needed:
        KnownSettings(flow.settings, "send_email").at(SystemClock().now())
        flow.breakers.save("bank", flow.breakers.read("bank"))

    clients.dynamodb.close()
    worker = naming.resource(STAGE, "send_email")
    assert missing(needed, granted(clouds(STAGE), worker)) == set()


@pytest.mark.usefixtures("_stage")
def test_api_may_enqueue_follow_and_tell_how_it_is(clouds: Callable[[str], Cloud]) -> None:
    kill(1)

    with written_down() as needed:
        client, operations = connect(STAGE), operate(STAGE, by="ada")
        first = client.enqueue(TASK, Task(text="a"), idempotency_key="a", tags=["t"])
        client.enqueue(TASK, Task(text="a"), idempotency_key="a")
        client.enqueue(TASK, Task(text="b" * 500_000))
        client.enqueue_many(ONE, [Task(text="a"), Task(text="a")])
        client.enqueue(ONE, Task(text="a" * 2_000), job_id="mine")
        parked = client.enqueue(TASK, Task(text="c"), delay=timedelta(days=30))
        operations.jobs.get(first.id)
        operations.jobs.cancel(parked.id, reason="no")
        operations.jobs.find(Search(job_type=TYPE))
        operations.jobs.find(Search(job_type=TYPE, keys={"text": "a"}))
        operations.groups.list(TYPE)
        operations.bulk.list()
        operations.health.report()

    assert ("cloudwatch:DescribeAlarms", "*") in needed
    assert ("dynamodb:UpdateItem", f"table/{naming.table(STAGE)}") in needed
    assert missing(needed, granted(clouds(STAGE), naming.api(STAGE))) == set()
