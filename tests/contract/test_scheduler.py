"""Dynamic schedules in EventBridge Scheduler, and declared ones in SSM parameters."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.contract.conftest import CLOUDS
from tests.unit.schedule.at_nine import HOUR, a_plan
from workerless import naming
from workerless.aws.schedule.plans import SsmPlans
from workerless.aws.schedule.scheduler import AwsScheduler
from workerless.aws.schedule.target import SsmTickTarget, TickTarget
from workerless.errors import PlatformUnavailableError, WorkerlessError
from workerless.frozen import replace
from workerless.local.credentials import REGION
from workerless.schedule.plan import write_plan
from workerless.schedule.tick_message import tick_input
from workerless.schedule.when import Cron, Once
from workerless.testing.memory import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_ssm import SSMClient

TARGET = TickTarget(
    queue="arn:aws:sqs:us-east-1:000000000000:workerless-test--ticks",
    role="arn:aws:iam::000000000000:role/ticks",
    dead_letters="arn:aws:sqs:us-east-1:000000000000:workerless-test--ticks-dead",
)
NOW = FakeClock().now()
# What is over by the emulator's own clock it takes away, as Scheduler does.
FAR = NOW.replace(year=2100)
ACME = a_plan(schedule_id="report--acme")


@pytest.fixture(params=CLOUDS)
def client(
    request: pytest.FixtureRequest, clouds: Callable[[str], object]
) -> Iterator["EventBridgeSchedulerClient"]:
    clouds(request.param)  # moto is on from here
    endpoint = request.getfixturevalue("endpoint") if request.param == "local" else None
    session = boto3.Session("test", "test", region_name=REGION)
    made = session.client("scheduler", endpoint_url=endpoint)
    yield made
    made.close()


@pytest.fixture
def stage(client: "EventBridgeSchedulerClient") -> str:
    name = f"s{uuid.uuid4().hex[:6]}"
    client.create_schedule_group(Name=naming.dynamic_schedule_group(name))
    return name


@pytest.fixture
def scheduler(client: "EventBridgeSchedulerClient", stage: str, clock: FakeClock) -> AwsScheduler:
    return AwsScheduler(lambda: client, stage, lambda: TARGET, clock)


def always() -> bool:
    return True


def entry(client: "EventBridgeSchedulerClient", stage: str, name: str) -> Any:
    return client.get_schedule(Name=name, GroupName=naming.dynamic_schedule_group(stage))


def test_schedule_is_an_entry_that_sends_its_plan(
    scheduler: AwsScheduler, client: "EventBridgeSchedulerClient", stage: str
) -> None:
    plan = replace(
        ACME,
        when=Cron("0 9 * * 1-5", timezone="Europe/Berlin"),
        spread=timedelta(minutes=15),
        end=FAR,
    )
    scheduler.put(plan)

    found = entry(client, stage, "report--acme.1")
    assert found["ScheduleExpression"] == "cron(0 9 ? * MON-FRI *)"
    assert found["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert found["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    assert found["State"] == "ENABLED"
    assert found["ActionAfterCompletion"] == "DELETE"
    target = found["Target"]
    assert (target["Arn"], target["RoleArn"]) == (TARGET.queue, TARGET.role)
    assert target["Input"] == tick_input(plan)
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] < 86_400
    assert target["DeadLetterConfig"] == {"Arn": TARGET.dead_letters}


def test_ids_are_those_that_were_put_and_not_removed(scheduler: AwsScheduler) -> None:
    assert scheduler.ids(always) == set()
    for key in ("acme", "acme.2", "acme_two", "bolt"):
        scheduler.put(replace(ACME, schedule_id=f"report--{key}"))

    scheduler.remove("report--acme")
    scheduler.remove("report--acme")
    assert scheduler.ids(always) == {"report--acme.2", "report--acme_two", "report--bolt"}


def test_ids_that_there_is_no_time_to_see_are_not_known(scheduler: AwsScheduler) -> None:
    scheduler.put(ACME)

    assert scheduler.ids(lambda: False) is None


def test_entry_that_somebody_made_by_hand_is_no_schedule_of_ours(
    scheduler: AwsScheduler, client: "EventBridgeSchedulerClient", stage: str
) -> None:
    client.create_schedule(
        Name="by-hand",
        GroupName=naming.dynamic_schedule_group(stage),
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": TARGET.queue, "RoleArn": TARGET.role},
    )

    assert scheduler.ids(always) == set()


def test_schedule_that_needs_fewer_entries_leaves_none_behind(
    scheduler: AwsScheduler, client: "EventBridgeSchedulerClient", stage: str
) -> None:
    scheduler.put(replace(ACME, when=Cron("0 9 13 * 5")))
    assert scheduler.ids(always) == {"report--acme"}
    assert entry(client, stage, "report--acme.2")["State"] == "ENABLED"

    scheduler.put(replace(ACME, when=Cron("0 9 * * *")))
    assert entry(client, stage, "report--acme.1")["ScheduleExpression"] == "cron(0 9 * * ? *)"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        entry(client, stage, "report--acme.2")


def test_entries_differ_once_somebody_changed_one(
    scheduler: AwsScheduler, client: "EventBridgeSchedulerClient", stage: str
) -> None:
    when = Cron("0 9 13 * 5", timezone="Europe/Berlin")
    plan = replace(ACME, when=when, end=FAR)
    assert scheduler.differs(plan)
    scheduler.put(plan)
    assert not scheduler.differs(plan)
    assert scheduler.differs(replace(plan, data={"of": "bolt"}))
    assert scheduler.differs(replace(plan, end=None))

    first = entry(client, stage, "report--acme.1")
    group = {"Name": first["Name"], "GroupName": first["GroupName"]}
    known = {name: first[name] for name in ("FlexibleTimeWindow", "Target", "EndDate")}
    known |= {"ScheduleExpression": first["ScheduleExpression"]}
    zone = {"ScheduleExpressionTimezone": "Europe/Berlin"}
    target = first["Target"] | {"RoleArn": "arn:aws:iam::000000000000:role/mine"}
    for change in (
        {**zone, "State": "DISABLED"},
        {**zone, "Target": target},
        {**zone, "ScheduleExpression": "cron(0 10 13 * ? *)"},
        {**zone, "StartDate": NOW + timedelta(days=3)},
        {"ScheduleExpressionTimezone": "UTC"},
    ):
        told: Any = {"State": "ENABLED", **group, **known, **change}
        client.update_schedule(**told)
        assert scheduler.differs(plan), change
        scheduler.put(plan)
        assert not scheduler.differs(plan)
    client.delete_schedule(**group)
    assert scheduler.differs(plan)
    scheduler.put(replace(plan, when=Cron("0 9 * * *", timezone="Europe/Berlin")))
    assert scheduler.differs(plan)


def test_end_of_what_is_due_once_is_not_told(
    scheduler: AwsScheduler, client: "EventBridgeSchedulerClient", stage: str
) -> None:
    """Scheduler ignores it: told back or not, nothing differs."""
    plan = replace(ACME, when=Once(FAR), end=FAR + HOUR)
    scheduler.put(plan)

    assert "EndDate" not in entry(client, stage, "report--acme.1")
    assert not scheduler.differs(plan)


def test_where_zones_are_unknown_entries_fire_each_minute(
    client: "EventBridgeSchedulerClient", stage: str, clock: FakeClock
) -> None:
    target = TickTarget(**(vars(TARGET) | {"knows_zones": False}))
    here = AwsScheduler(lambda: client, stage, lambda: target, clock)

    here.put(replace(ACME, when=Cron("0 9 * * *", timezone="Europe/Berlin")))
    assert entry(client, stage, "report--acme.1")["ScheduleExpression"] == "cron(* * * * ? *)"


def test_target_is_read_again_after_five_minutes(ssm: "SSMClient") -> None:
    stage, seconds = f"s{uuid.uuid4().hex[:6]}", [0.0]
    name = naming.core_parameter(stage)
    target = SsmTickTarget(ssm, stage, seconds=lambda: seconds[0])
    with pytest.raises(PlatformUnavailableError, match="could not be read"):
        target()

    for role in ("old", "new"):
        told = json.dumps({"ticks": {**vars(TARGET), "role": role}})
        ssm.put_parameter(Name=name, Value=told, Type="String", Overwrite=True)
        assert target().role == "old"
    seconds[0] = 300.0
    assert target().role == "new"
    ssm.put_parameter(Name=name, Value="{}", Type="String", Overwrite=True)
    with pytest.raises(PlatformUnavailableError, match="deploy the core stack"):
        SsmTickTarget(ssm, stage)()


def test_silence_is_no_fact(client: "EventBridgeSchedulerClient", clock: FakeClock) -> None:
    nobody = AwsScheduler(lambda: client, "nobody", lambda: TARGET, clock)

    with pytest.raises(PlatformUnavailableError):
        nobody.put(ACME)


def test_declared_plans_are_read_and_broken_ones_told(ssm: "SSMClient") -> None:
    stage = f"s{uuid.uuid4().hex[:6]}"
    broken: list[WorkerlessError] = []
    for name, value in (("report-hourly", json.dumps(write_plan(a_plan()))), ("bad", "{}")):
        ssm.put_parameter(Name=naming.schedule_parameter(stage, name), Value=value, Type="String")

    assert SsmPlans(ssm, stage, on_broken=broken.append).all() == {
        "report-hourly": a_plan(),
        "bad": None,
    }
    assert len(broken) == 1
