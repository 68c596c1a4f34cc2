"""Releases of workers: who judges a new version, in which order things change, what goes back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.infra.alarming import LEEWAYS, Scene, alarms_of
from tests.infra.cloud import ALARM, FUNCTION, MAPPING, QUEUE, Cloud, Template, target, text
from workerless import naming
from workerless.alarming.leeway import Leeway

ALIAS, VERSION, GROUP = (
    "AWS::Lambda::Alias",
    "AWS::Lambda::Version",
    "AWS::CodeDeploy::DeploymentGroup",
)
MAIL = "workerless-prod-send_email"
HOUR = range(60)
JOB_TYPES = ("-job-", "-pool-")


def references(value: Any) -> Iterator[str]:
    """The logical ids that a part of a template refers to."""
    if isinstance(value, dict):
        if found := target(value):
            yield found
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def before(template: Template, logical_id: str) -> set[str]:
    """All that CloudFormation makes and changes before this resource."""
    found: set[str] = set()
    asked = [logical_id]
    while asked:
        resource = template.resource(asked.pop())
        named = resource.get("DependsOn", [])
        direct = {
            *references(resource.get("Properties")),
            *([named] if isinstance(named, str) else named),
        }
        new = {one for one in direct if one in template.body["Resources"]} - found
        found |= new
        asked += new
    return found


def workers(cloud: Cloud) -> Iterator[tuple[Template, str]]:
    for template in cloud.templates:
        if any(kind in template.name for kind in JOB_TYPES):
            for logical_id, _ in template.of(ALIAS):
                yield template, logical_id


@pytest.mark.parametrize(
    ("stage", "is_gradual"), [("local", False), ("dev", False), ("prod", True)]
)
def test_each_worker_is_released_gradually_where_the_stage_says_so(
    stage: str, clouds: Callable[[str], Cloud], *, is_gradual: bool
) -> None:
    cloud = clouds(stage)
    moved = [
        "CodeDeployLambdaAliasUpdate" in template.resource(alias).get("UpdatePolicy", {})
        for template, alias in workers(cloud)
    ]

    assert moved
    assert set(moved) == {is_gradual}
    assert (sum(1 for _ in cloud.each(GROUP)) == len(moved)) is is_gradual


def test_alarms_watch_the_new_version_before_it_gets_its_first_batch(
    clouds: Callable[[str], Cloud],
) -> None:
    for template, alias in workers(clouds("prod")):
        (version,) = (one for one, _ in template.of(VERSION))
        (group,) = (one for one, _ in template.of(GROUP))
        watching = {
            one for one, alarm in template.of(ALARM) if "-release-" in text(alarm["AlarmName"])
        }

        assert len(watching) == 2
        assert all(version in before(template, one) for one in watching)
        assert watching <= before(template, group)
        assert group in before(template, alias)


def test_group_asks_exactly_the_alarms_of_its_release(clouds: Callable[[str], Cloud]) -> None:
    for template, _, group in clouds("prod").each(GROUP):
        asked = {one["Name"] for one in group["AlarmConfiguration"]["Alarms"]}
        there = {text(one["AlarmName"]) for _, one in template.of(ALARM)}

        assert asked == {one for one in there if "-release-" in one}
        assert group["AlarmConfiguration"]["Enabled"]
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"


def test_group_and_role_are_those_that_core_has(clouds: Callable[[str], Cloud]) -> None:
    cloud = clouds("prod")
    (application,) = cloud.each("AWS::CodeDeploy::Application")
    roles = [text(one.get("RoleName", "")) for _, _, one in cloud.each("AWS::IAM::Role")]

    for _, _, group in cloud.each(GROUP):
        assert group["ApplicationName"] == application[2]["ApplicationName"]
        assert text(group["ServiceRoleArn"]).partition(":role/")[2] in roles


@pytest.mark.parametrize("stage", ["local", "prod"])
def test_everything_that_calls_a_function_calls_what_is_live(
    stage: str, clouds: Callable[[str], Cloud]
) -> None:
    cloud = clouds(stage)
    called = (
        [(template, one["FunctionName"]) for template, _, one in cloud.each(MAPPING)]
        + [
            (template, one["Target"]["Arn"])
            for template, _, one in cloud.each("AWS::Scheduler::Schedule")
            if not template.name.startswith(f"workerless-{stage}-job-")
        ]
        + [
            (template, one["IntegrationUri"])
            for template, _, one in cloud.each("AWS::ApiGatewayV2::Integration")
        ]
    )

    assert called
    for template, what in called:
        alias = target(what)
        if alias:
            assert template.resource(alias)["Type"] == ALIAS
        else:
            assert text(what).endswith(f":{naming.LIVE}")


@pytest.mark.parametrize("stage", ["local", "prod"])
def test_versions_stay_to_go_back_to(stage: str, clouds: Callable[[str], Cloud]) -> None:
    """But for one whose deployment failed: it could not be published a second time."""
    versions = [
        resource
        for template in clouds(stage).templates
        for resource in template.body["Resources"].values()
        if resource["Type"] == VERSION
    ]

    assert len(versions) == sum(1 for _ in clouds(stage).each(FUNCTION))
    for one in versions:
        assert (one["DeletionPolicy"], one["UpdateReplacePolicy"]) == (
            "RetainExceptOnCreate",
            "Retain",
        )


@pytest.mark.parametrize("stage", ["local", "prod"])
def test_queues_change_before_their_function_and_the_alias_before_its_mapping(
    stage: str, clouds: Callable[[str], Cloud]
) -> None:
    """A timeout that grows finds messages hidden for long enough already."""
    for template in clouds(stage).templates:
        if "-job-" not in template.name:
            continue
        queues = {
            one
            for one, queue in template.of(QUEUE)
            if "undelivered" not in text(queue["QueueName"])
        }
        for mapping, told in template.of(MAPPING):
            if alias := target(told["FunctionName"]):
                assert alias in before(template, mapping)
        for function, _ in template.of(FUNCTION):
            assert queues <= before(template, function)


@pytest.fixture(params=LEEWAYS, ids=str)
def release(request: pytest.FixtureRequest, clouds: Callable[[str], Cloud]) -> Scene:
    leeway: Leeway = request.param
    return Scene(alarms=alarms_of(clouds("prod")), prefix=MAIL, leeway=leeway)


def attempts(release: Scene, **counts: int) -> None:
    """In each of five minutes so many; ``runs`` while the alias stands for two versions."""
    for what in ("failed", "ended", "retried"):
        if each := counts.get(what):
            release.gauge(f"{MAIL}-{what}", dict.fromkeys(HOUR, each).get, range(20, 25))
    if counts.get("runs", 1):
        release.gauge("Invocations", lambda _: 5, range(20, 25))


@pytest.mark.parametrize(
    ("counts", "rings"),
    [
        ({"ended": 20}, False),
        ({"ended": 20, "failed": 1}, False),
        ({"ended": 20, "failed": 4}, True),
        ({"ended": 1, "failed": 1}, True),
        ({"ended": 10, "retried": 5}, False),
        ({"ended": 1, "retried": 5}, True),
        ({"retried": 5}, True),
        ({"ended": 20, "failed": 20, "runs": 0}, False),
        ({}, False),
    ],
)
def test_release_goes_back_for_a_tenth_of_jobs_or_half_of_attempts(
    release: Scene, counts: dict[str, int], *, rings: bool
) -> None:
    attempts(release, **counts)

    told = release.rings("release-failures", HOUR)

    assert bool(told) is rings
    # In time for CodeDeploy, which waits for five minutes.
    assert not rings or min(told) <= 24


def test_two_failures_are_chance(release: Scene) -> None:
    release.gauge("Invocations", lambda _: 5, range(20, 25))
    for what in ("failed", "ended"):
        release.gauge(f"{MAIL}-{what}", lambda _: 1, range(20, 22))

    assert release.rings("release-failures", HOUR) == []


def test_one_crash_of_the_new_version_takes_it_back(release: Scene) -> None:
    release.gauge("Errors", lambda n: 1 if n == 20 else 0, range(20, 25))

    assert release.rings("release-crashes", HOUR)[0] == 21
