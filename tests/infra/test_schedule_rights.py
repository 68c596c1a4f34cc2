"""Who makes and mends dynamic schedules may do so: calls on moto, held against the roles."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from tests.infra.cloud import Cloud
from tests.infra.deployed_stage import STAGE, TASK, Context, Task, deployed_stage
from tests.infra.rights import granted, missing, written_down
from workerless import Every, Schedule, naming
from workerless.client import connect
from workerless.frozen import replace
from workerless.operating import operate
from workerless.planned import plan_of
from workerless.sweeper import SweeperFunction


@pytest.fixture
def _stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with deployed_stage(monkeypatch):
        yield


@pytest.mark.usefixtures("_stage")
def test_api_and_sweeper_may_make_and_mend_dynamic_schedules(
    clouds: Callable[[str], Cloud],
) -> None:
    client: Any = boto3.client("scheduler")
    group = naming.dynamic_schedule_group(STAGE)
    client.create_schedule_group(Name=group)
    schedules = operate(STAGE, by="ada").schedules
    plans = [
        plan_of(TASK, Schedule(key, Every(minutes=5), Task(text="x")), is_dynamic=True)
        for key in ("Acme.1", "bolt", "core")
    ]

    with written_down() as needed:
        for plan in plans:
            schedules.put(plan)
        schedules.show("task--bolt")
        schedules.run("task--bolt")
        schedules.delete("task--core")
        schedules.put(replace(plans[0], tags=("changed",)))
    assert ("iam:PassRole", f"role/{naming.tick_role(STAGE, 'us-east-1')}") in needed
    assert missing(needed, granted(clouds(STAGE), naming.api(STAGE))) == set()

    client.delete_schedule(Name="task--bolt.1", GroupName=group)
    schedules.put(plans[0])
    entry = client.get_schedule(Name="task--Acme.1.1", GroupName=group)
    told = {name: entry[name] for name in ("ScheduleExpression", "FlexibleTimeWindow", "Target")}
    client.update_schedule(Name="task--Acme.1.1", GroupName=group, State="DISABLED", **told)
    client.create_schedule(Name="task--gone.1", GroupName=group, **told)
    with written_down() as needed:
        SweeperFunction()({}, Context())
    found = client.list_schedules(GroupName=group)["Schedules"]
    assert {one["Name"]: one["State"] for one in found} == {
        "task--Acme.1.1": "ENABLED",
        "task--bolt.1": "ENABLED",
    }
    assert missing(needed, granted(clouds(STAGE), naming.sweeper(STAGE))) == set()
    client.close()


@pytest.mark.usefixtures("_stage")
def test_service_needs_what_the_page_says_and_no_more() -> None:
    client: Any = boto3.client("scheduler")
    group, table = naming.dynamic_schedule_group(STAGE), f"table/{naming.table(STAGE)}"
    client.create_schedule_group(Name=group)

    with written_down() as needed:
        schedules = connect(STAGE).schedules
        made = schedules.put(TASK, Schedule("acme", Every(minutes=5), Task(text="x")))
        schedules.delete(made.stand.schedule_id)

    entry, role = f"schedule/{group}/task--acme.1", naming.tick_role(STAGE, "us-east-1")
    assert needed == {
        *((f"dynamodb:{verb}Item", table) for verb in ("BatchGet", "Put", "Delete")),
        *((f"scheduler:{verb}Schedule", entry) for verb in ("Create", "Update", "Delete")),
        ("scheduler:ListSchedules", "*"),
        ("iam:PassRole", f"role/{role}"),
        ("ssm:GetParameter", f"parameter{naming.core_parameter(STAGE)}"),
        ("ssm:GetParameter", f"parameter{naming.job_type_parameter(STAGE, 'task')}"),
    }
    client.close()
