"""Directory: what stacks publish is found, on SSM."""

import json
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from workerless import naming
from workerless.aws.directory import Core, SsmDirectory
from workerless.errors import UnknownJobTypeError, WorkerlessError
from workerless.flow.autoscale import Autoscale, Scale
from workerless.hidden import Hidden
from workerless.ports import Address, Directory
from workerless.testing.memory import InMemoryDirectory
from workerless.tracking import Tracking

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


@pytest.fixture
def stage() -> str:
    return f"s{uuid.uuid4().hex[:7]}"


def _publish(ssm: "SSMClient", stage: str, *names: str) -> None:
    for name in names:
        value = {"queue": f"{name}-queue", "dead_letters": f"{name}-dead", "function": name}
        parameter = naming.job_type_parameter(stage, name)
        ssm.put_parameter(Name=parameter, Value=json.dumps(value), Type="String")


def test_tracking_is_told_and_full_where_a_stack_does_not_tell(
    ssm: "SSMClient", stage: str, ssm_directory: SsmDirectory
) -> None:
    told = {"queue": "q", "dead_letters": "d", "function": "f"}
    for name, more in (("old", {}), ("off", {"tracking": "off"}), ("newer", {"tracking": "?"})):
        parameter = naming.job_type_parameter(stage, name)
        ssm.put_parameter(Name=parameter, Value=json.dumps(told | more), Type="String")

    found = {one.job_type: one.tracking for one in ssm_directory.all()}

    assert found == {"old": Tracking.FULL, "off": Tracking.OFF, "newer": Tracking.FULL}


def test_lanes_are_told_in_their_order_and_there_are_none_where_a_stack_does_not_tell(
    ssm: "SSMClient", stage: str, ssm_directory: SsmDirectory
) -> None:
    told = {"queue": "q", "dead_letters": "d", "function": "f"}
    for name, more in (("old", {}), ("laned", {"lanes": {"vip": "v", "rest": "q"}})):
        parameter = naming.job_type_parameter(stage, name)
        ssm.put_parameter(Name=parameter, Value=json.dumps(told | more), Type="String")

    assert ssm_directory.find("laned").queues == ("v", "q")
    assert (ssm_directory.find("old").lanes, ssm_directory.find("old").queues) == ({}, ("q",))


def test_lanes_that_a_deployment_brings_are_known_five_minutes_later(
    ssm: "SSMClient", stage: str
) -> None:
    told = {"queue": "q", "dead_letters": "d", "function": "f"}
    parameter = naming.job_type_parameter(stage, "grown")
    ssm.put_parameter(Name=parameter, Value=json.dumps(told), Type="String")
    passed = [0.0]
    directory = SsmDirectory(ssm, stage, seconds=lambda: passed[0])
    directory.find("grown")
    lanes = {"vip": "v", "rest": "q"}
    ssm.put_parameter(Name=parameter, Value=json.dumps(told | {"lanes": lanes}), Overwrite=True)

    seen = []
    for passed[0] in (299.0, 300.0):
        seen.append(directory.find("grown").lanes)
    ssm.put_parameter(Name=parameter, Value="no JSON", Overwrite=True)
    passed[0] = 700.0

    assert seen == [{}, lanes]
    assert directory.find("grown").lanes == lanes


def test_what_nobody_is_shown_is_told_and_nothing_where_a_stack_does_not_tell(
    ssm: "SSMClient", stage: str, ssm_directory: SsmDirectory
) -> None:
    told = {"queue": "q", "dead_letters": "d", "function": "f"}
    hidden = Hidden(payload=("card/number",), result=("token",), version=3)
    for name, more in (("old", {}), ("shy", {"hidden": hidden.published()})):
        parameter = naming.job_type_parameter(stage, name)
        ssm.put_parameter(Name=parameter, Value=json.dumps(told | more), Type="String")

    assert ssm_directory.find("old").hidden is None
    assert ssm_directory.find("shy").hidden == hidden


@pytest.mark.parametrize(("more", "told"), [({}, False), ({"in_containers": True}, True)])
def test_job_type_that_containers_run_is_known(
    ssm: "SSMClient", ssm_directory: SsmDirectory, stage: str, more: dict[str, bool], *, told: bool
) -> None:
    value = {"queue": "q", "dead_letters": "d", "function": "f"} | more
    parameter = naming.job_type_parameter(stage, "docked")
    ssm.put_parameter(Name=parameter, Value=json.dumps(value), Type="String")

    assert ssm_directory.find("docked").in_containers is told


def test_scale_of_a_job_type_is_known_and_a_broken_one_told_of(
    ssm: "SSMClient", ssm_directory: SsmDirectory, stage: str
) -> None:
    told = {"queue": "q", "dead_letters": "d", "function": "f"}
    scale = Scale(rule=Autoscale(least=3, older_than=timedelta(minutes=5)), most=20)
    one = {"least": 1, "most": 20, "jobs_each": 30, "down_after": 600}
    for name, autoscale in (("scaled", scale.published()), ("odd", {"least": 2}), ("low", one)):
        parameter = naming.job_type_parameter(stage, name)
        value = json.dumps({**told, "autoscale": autoscale})
        ssm.put_parameter(Name=parameter, Value=value, Type="String")

    assert ssm_directory.find("scaled").scale == scale
    for name in ("odd", "low"):
        with pytest.raises(WorkerlessError, match=f"{name} must tell of its autoscale"):
            ssm_directory.find(name)


def test_lanes_that_are_none_are_told_of(
    ssm: "SSMClient", stage: str, ssm_directory: SsmDirectory
) -> None:
    told = {"queue": "q", "dead_letters": "d", "function": "f", "lanes": "q"}
    parameter = naming.job_type_parameter(stage, "odd")
    ssm.put_parameter(Name=parameter, Value=json.dumps(told), Type="String")

    with pytest.raises(WorkerlessError, match="must name its lanes as a JSON object"):
        ssm_directory.find("odd")


@pytest.fixture
def ssm_directory(ssm: "SSMClient", stage: str) -> SsmDirectory:
    return SsmDirectory(ssm, stage)


@pytest.fixture(params=["memory", "ssm"])
def directory(request: pytest.FixtureRequest, ssm: "SSMClient", stage: str) -> Directory:
    """A stage with ``reports.daily`` and ``send_email``."""
    if request.param == "memory":
        return InMemoryDirectory(["send_email", "reports.daily"])
    _publish(ssm, stage, "send_email", "reports.daily")
    return SsmDirectory(ssm, stage)


def test_deployed_job_type_is_found(directory: Directory) -> None:
    address = directory.find("reports.daily")

    assert address.job_type == "reports.daily"
    assert address in directory.all()


def test_all_are_listed_by_name(directory: Directory) -> None:
    assert [address.job_type for address in directory.all()] == ["reports.daily", "send_email"]


@pytest.mark.parametrize("name", ["resize", "", "send email/☃", "a/b"])
def test_unknown_job_type_is_told_what_there_is(directory: Directory, name: str) -> None:
    with pytest.raises(UnknownJobTypeError, match=r"reports\.daily, send_email"):
        directory.find(name)


def test_address_is_what_the_stack_published(
    ssm_directory: SsmDirectory, ssm: "SSMClient", stage: str
) -> None:
    _publish(ssm, stage, "send_email")

    assert ssm_directory.find("send_email") == Address(
        job_type="send_email",
        queue="send_email-queue",
        dead_letters="send_email-dead",
        function="send_email",
    )


def test_more_job_types_than_a_page_holds_are_all_found(
    ssm_directory: SsmDirectory, ssm: "SSMClient", stage: str
) -> None:
    names = [f"job_{number:02}" for number in range(23)]
    _publish(ssm, stage, *names)

    assert [address.job_type for address in ssm_directory.all()] == names


def test_found_job_type_is_asked_for_once(
    ssm_directory: SsmDirectory, ssm: "SSMClient", stage: str
) -> None:
    _publish(ssm, stage, "send_email")
    first = ssm_directory.find("send_email")
    ssm.delete_parameter(Name=naming.job_type_parameter(stage, "send_email"))

    assert ssm_directory.find("send_email") is first


def test_job_type_deployed_later_is_found(
    ssm_directory: SsmDirectory, ssm: "SSMClient", stage: str
) -> None:
    with pytest.raises(UnknownJobTypeError, match="none, deploy one first"):
        ssm_directory.find("send_email")
    _publish(ssm, stage, "send_email")

    assert ssm_directory.find("send_email").function == "send_email"


def test_core_is_what_its_stack_published(
    ssm_directory: SsmDirectory, ssm: "SSMClient", stage: str
) -> None:
    value = {"table": "t", "bucket": "b", "topic": "arn", "workflows": "url"}
    ssm.put_parameter(Name=naming.core_parameter(stage), Value=json.dumps(value), Type="String")

    assert ssm_directory.core() == Core(table="t", bucket="b", topic="arn", workflows="url")


def test_stage_that_is_not_deployed_is_named(ssm_directory: SsmDirectory, stage: str) -> None:
    with pytest.raises(WorkerlessError, match=f"stage '{stage}' is not deployed"):
        ssm_directory.core()


@pytest.mark.parametrize("value", ["no json", "[]", '{"table": "t"}'])
def test_damaged_parameter_is_named(
    ssm_directory: SsmDirectory, ssm: "SSMClient", stage: str, value: str
) -> None:
    ssm.put_parameter(Name=naming.core_parameter(stage), Value=value, Type="String")

    with pytest.raises(WorkerlessError, match=r"must be a JSON object with table, bucket, topic"):
        ssm_directory.core()


def test_directory_that_does_not_answer_is_told_from_an_empty_one(
    ssm_directory: SsmDirectory, ssm: "SSMClient"
) -> None:
    def garble(**_: object) -> None:
        b"\xff".decode()

    ssm.meta.events.register_first("after-call.ssm.*", garble)
    try:
        for ask in (ssm_directory.core, ssm_directory.all):
            with pytest.raises(WorkerlessError, match="could not be read: UnicodeDecodeError"):
                ask()
    finally:
        ssm.meta.events.unregister("after-call.ssm.*", garble)


def test_broken_parameter_is_told_and_hides_no_other(
    ssm_directory: SsmDirectory, ssm: "SSMClient", stage: str
) -> None:
    _publish(ssm, stage, "reports.daily", "send_email")
    broken = naming.job_type_parameter(stage, "reports.daily")
    ssm.put_parameter(Name=broken, Value="{}", Type="String", Overwrite=True)
    told: list[WorkerlessError] = []

    found = SsmDirectory(ssm, stage, on_broken=told.append).all()

    assert [address.job_type for address in found] == ["send_email"]
    assert [broken in str(error) for error in told] == [True]
    with pytest.raises(WorkerlessError, match="must be a JSON object"):
        ssm_directory.all()
