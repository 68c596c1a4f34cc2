"""What a stage gives the workers of some job types: in templates, or refused."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from infra.app import build
from infra.placement import Network, Placement, Pollers
from infra.pooling import pools_of
from infra.settings import Stage, stages
from tests.infra.checkout import write_checkout
from tests.infra.cloud import FUNCTION, MAPPING, Cloud, Template, read, text
from workerless.discovery import Found, discover
from workerless.errors import DeclarationError, WorkerlessError

NETWORK = Network(subnets=("subnet-0a1b2c3d", "subnet-0a1b2c3e"), security_groups=("sg-0a1b2c3d",))
FONTS = "arn:{partition}:lambda:{region}:{account}:layer:fonts:3"
POLICY = "AWS::IAM::Policy"
_CDK_OWN = "W3005"

DECLARED = {
    "busy": "concurrency=200",
    "moving": "concurrency=40, autoscale=Autoscale(least=3, older_than=timedelta(minutes=5))",
    "plain": "",
    "pooled_moving": "autoscale=Autoscale(), concurrency=9",
    "pooled_one": "",
    "walled": "",
}


def stage_with(**fields: Any) -> Stage:
    return replace(stages({})["prod"], job_environment={}, **fields)


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    found = discover(write_checkout(tmp_path_factory.mktemp("checkout"), DECLARED))
    stage = stage_with(
        routes={"pooled_*": "small"},
        pollers={"busy": Pollers(least=3, most=20)},
        networks={"walled": NETWORK, "pooled_*": NETWORK},
        layers={"walled": (FONTS,)},
        insights=("busy", "wall*"),
    )
    directory = tmp_path_factory.mktemp("placed")
    app = App(outdir=str(directory))
    build(app, stage=stage, found=found)
    app.synth()  # cdk-nag would have it fail
    return read(directory, stage, [one.job_type for one in found])


def template_of(cloud: Cloud, end: str) -> Template:
    (found,) = (one for one in cloud.templates if one.name.endswith(end))
    return found


def function_in(template: Template) -> Mapping[str, Any]:
    ((_, function),) = template.of(FUNCTION)
    return function


def statements_in(template: Template) -> dict[str, Mapping[str, Any]]:
    return {
        one["Sid"]: one
        for _, policy in template.of(POLICY)
        for one in policy["PolicyDocument"]["Statement"]
        if "Sid" in one
    }


def test_pollers_are_in_the_place_of_a_maximum_concurrency(placed: Cloud) -> None:
    ((_, busy),) = template_of(placed, "-job-busy").of(MAPPING)
    ((_, plain),) = template_of(placed, "-job-plain").of(MAPPING)

    assert busy["ProvisionedPollerConfig"] == {"MinimumPollers": 3, "MaximumPollers": 20}
    assert "ScalingConfig" not in busy
    assert plain["ScalingConfig"] == {"MaximumConcurrency": 5}
    assert "ProvisionedPollerConfig" not in plain


@pytest.mark.parametrize(
    ("name", "least", "most", "more"),
    [("moving", 3, 40, {"older_than": 300}), ("pooled-moving", 2, 9, {})],
)
def test_job_type_that_is_scaled_begins_with_the_least_and_says_between_what(
    placed: Cloud, name: str, least: int, most: int, more: dict[str, int]
) -> None:
    template = template_of(placed, f"-job-{name}")
    ((_, mapping),) = template.of(MAPPING)
    ((_, parameter),) = template.of("AWS::SSM::Parameter")

    assert mapping["ScalingConfig"] == {"MaximumConcurrency": least}
    assert json.loads(text(parameter["Value"]))["autoscale"] == {
        "least": least,
        "most": most,
        "jobs_each": 30,
        "down_after": 600,
        **more,
    }


@pytest.mark.parametrize("end", ["-job-walled", "-pool-small"])
def test_function_in_a_network_lets_lambda_make_interfaces_and_its_handler_not(
    placed: Cloud, end: str
) -> None:
    template = template_of(placed, end)
    function, statements = function_in(template), statements_in(template)

    assert function["VpcConfig"] == {
        "SubnetIds": list(NETWORK.subnets),
        "SecurityGroupIds": list(NETWORK.security_groups),
    }
    allowed, denied = statements["Interfaces"], statements["NotItself"]
    assert (allowed["Effect"], denied["Effect"]) == ("Allow", "Deny")
    assert allowed["Action"] == denied["Action"]
    assert "ec2:CreateNetworkInterface" in allowed["Action"]
    (condition,) = denied["Condition"]["ArnEquals"].items()
    assert condition[0] == "lambda:SourceFunctionArn"
    assert text(condition[1]).endswith(f":function:{function['FunctionName']}")


def test_layers_are_more_and_ours_is_the_last_and_counts(placed: Cloud) -> None:
    template = template_of(placed, "-job-walled")
    fonts, insights, ours = function_in(template)["Layers"]

    assert text(fonts).endswith(":layer:fonts:3")
    assert "Fn::FindInMap" in insights
    regions = template.body["Mappings"][insights["Fn::FindInMap"][0]]
    (of_virginia,) = regions["us-east-1"].values()
    assert of_virginia.startswith("arn:aws:lambda:us-east-1:")
    assert ":layer:LambdaInsightsExtension-Arm64:" in of_virginia
    assert template.resource(ours["Ref"])["Type"] == "AWS::Lambda::LayerVersion"


def test_insights_may_write_to_its_one_log_group(placed: Cloud) -> None:
    right = statements_in(template_of(placed, "-job-busy"))["Insights"]

    group, streams = (text(one) for one in right["Resource"])
    assert group.endswith(":log-group:/aws/lambda-insights")
    assert streams == f"{group}:*"


def test_what_no_pattern_matches_has_nothing_of_it(placed: Cloud) -> None:
    template = template_of(placed, "-job-plain")
    function = function_in(template)

    assert "VpcConfig" not in function
    assert len(function["Layers"]) == 1
    assert not {"Interfaces", "NotItself", "Insights"} & statements_in(template).keys()


def test_cfn_lint_finds_nothing(placed: Cloud, tmp_path: Path) -> None:
    for template in placed.templates:
        (tmp_path / f"{template.name}.json").write_text(template.source)
    files = sorted(map(str, tmp_path.glob("*.json")))
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", _CDK_OWN, "--"]

    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("declared", "fields", "message"),
    [
        ("concurrency=39", {}, "bring 40 invocations at once .* a concurrency of 39"),
        ("concurrency=40", {"max_concurrency": 20}, "has a concurrency of 20"),
        ("concurrency=100, lanes=TIERS", {}, "pollers .* and lanes exclude each other"),
        ("concurrency=100, autoscale=Autoscale()", {}, "and its autoscale exclude each other"),
        ("concurrency=100", {"containers": ("one",)}, "containers run its jobs"),
    ],
)
def test_pollers_that_would_break_what_is_declared_are_refused(
    declared: str, fields: dict[str, Any], message: str, tmp_path: Path
) -> None:
    (found,) = discover(write_checkout(tmp_path / "checkout", {"one": declared}))
    stage = stage_with(pollers={"o*": Pollers(most=4)}, **fields)

    with pytest.raises(DeclarationError, match=message):
        stage.pollers_of(found.job_type)


def test_first_pattern_that_matches_decides(tmp_path: Path) -> None:
    found = discover(write_checkout(tmp_path / "checkout", {"one": "concurrency=40", "two": ""}))
    one, two = (each.job_type for each in found)
    stage = stage_with(pollers={"one": Pollers(most=2), "o*": Pollers(most=4)})

    assert stage.pollers_of(one) == Pollers(most=2)
    assert stage.pollers_of(two) is None


@pytest.mark.parametrize(
    ("least", "most", "message"),
    [
        (1, 10, "least must be between 2 and 200, got 1"),
        (201, 300, "least must be between 2 and 200, got 201"),
        (3, 2, r"most must be at least the least \(3\), got 2"),
    ],
)
def test_number_of_pollers_that_lambda_refuses_is_refused(
    least: int, most: int, message: str
) -> None:
    with pytest.raises(WorkerlessError, match=message):
        Pollers(least=least, most=most)


@pytest.mark.parametrize(
    ("subnets", "groups", "message"),
    [
        ((), ("sg-0a1b2c3d",), "subnets must be 1 to 16 ids"),
        (("subnet-0a1b2c3d",), (), "security_groups must be 1 to 5 ids"),
        (("vpc-0a1b2c3d",), ("sg-0a1b2c3d",), "subnets must be .*vpc-0a1b2c3d"),
        (("subnet-0a1b2c3d",), ("sg-0a1b2c3d",) * 6, "security_groups must be 1 to 5 ids"),
    ],
)
def test_network_that_lambda_refuses_is_refused(
    subnets: tuple[str, ...], groups: tuple[str, ...], message: str
) -> None:
    with pytest.raises(WorkerlessError, match=message):
        Network(subnets=subnets, security_groups=groups)


@pytest.mark.parametrize(
    ("layers", "insights"), [((FONTS,) * 5, False), ((FONTS,) * 4, True), (("fonts:3",), False)]
)
def test_layers_that_lambda_refuses_are_refused(layers: tuple[str, ...], *, insights: bool) -> None:
    with pytest.raises(WorkerlessError, match="layers must be ARNs of versions"):
        Placement(layers=layers, insights=insights)


def pooled(tmp_path: Path) -> list[Found]:
    return discover(write_checkout(tmp_path / "checkout", {"one": "", "two": ""}))


@pytest.mark.parametrize("field", ["pollers", "networks", "layers", "insights"])
def test_pattern_that_nothing_matches_is_refused(field: str, tmp_path: Path) -> None:
    values: dict[str, Any] = {
        "pollers": {"three": Pollers(most=4)},
        "networks": {"three": NETWORK},
        "layers": {"three": (FONTS,)},
        "insights": ("three",),
    }

    with pytest.raises(DeclarationError, match=rf"{field}: 'three' .* a job type \(one, two\)"):
        pools_of(pooled(tmp_path), stage_with(**{field: values[field]}))


def test_members_of_a_pool_have_the_same_around_them(tmp_path: Path) -> None:
    apart = stage_with(routes={"*": "all"}, networks={"one": NETWORK})
    alike = stage_with(routes={"*": "all"}, networks={"*": NETWORK})

    found = pooled(tmp_path)

    with pytest.raises(DeclarationError, match="must be the same for one and two"):
        pools_of(found, apart)
    (pool,) = pools_of(found, alike)
    assert pool.placement(alike).network == NETWORK
