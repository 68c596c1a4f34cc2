"""Who may deploy a stage: one repository, from one environment, of one kind of ref."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_cdk import App

from infra.artifact import ROOT
from infra.releasing import build
from infra.settings import stages
from infra.stacks.releasing import ISSUER, RELEASED, SESSION
from tests.infra.cloud import ROLE, Template, listed, read, statements, text
from tests.infra.deployed_stage import deployed_stage
from tests.infra.rights import Right, missing, name_in, written_down
from workerless import naming
from workerless.aws import platform
from workerless.errors import WorkerlessError
from workerless.inspecting import inspect

PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"
OIDC = "AWS::IAM::OIDCProvider"


def synthesised(directory: Path, stage: str, repository: str, **given: str) -> Template:
    app = App(outdir=str(directory))
    build(app, stage=stages({})[stage], repository=repository, **given)
    app.synth()
    (template,) = read(directory, stages({})[stage], []).templates
    return template


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return synthesised(tmp_path_factory.mktemp("releasing"), "prod", "octo/shop")


def trust(template: Template) -> Mapping[str, Any]:
    ((_, role),) = template.of(ROLE)
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    found: Mapping[str, Any] = statement
    return found


def test_only_a_run_of_this_repository_in_its_environment_is_trusted(template: Template) -> None:
    assert trust(template)["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust(template)["Condition"] == {
        "StringEquals": {
            f"{ISSUER}:aud": "sts.amazonaws.com",
            f"{ISSUER}:sub": "repo:octo/shop:environment:prod",
        },
        "StringLike": {f"{ISSUER}:ref": "refs/tags/v*"},
    }


def test_immutable_names_of_repositories_are_taken_as_github_says_them(tmp_path: Path) -> None:
    made = synthesised(tmp_path, "staging", "octo@12/shop@345")

    told = trust(made)["Condition"]
    assert told["StringEquals"][f"{ISSUER}:sub"] == "repo:octo@12/shop@345:environment:staging"
    assert told["StringLike"] == {f"{ISSUER}:ref": "refs/heads/main"}


def test_provider_that_is_there_is_not_made_again(template: Template, tmp_path: Path) -> None:
    made = synthesised(tmp_path, "prod", "octo/shop", provider=PROVIDER)

    assert len(list(template.of(OIDC))) == 1
    assert list(made.of(OIDC)) == []
    assert trust(made)["Principal"] == {"Federated": PROVIDER}


def test_role_deploys_by_the_roles_of_the_bootstrap_alone(template: Template) -> None:
    ((_, policy),) = template.of("AWS::IAM::Policy")
    assumed = [one for one in statements(policy) if one["Action"] == "sts:AssumeRole"]

    (deploying,) = assumed
    assert [text(one).split("/")[1].split("-<")[0] for one in deploying["Resource"]] == [
        "cdk-hnb659fds-deploy-role",
        "cdk-hnb659fds-file-publishing-role",
        "cdk-hnb659fds-lookup-role",
    ]
    reading = ("Get", "List", "Describe", "BatchGet", "Query")
    others = [action for one in statements(policy) for action in listed(one["Action"])]
    others.remove("sts:AssumeRole")
    assert [one for one in others if not one.split(":")[1].startswith(reading)] == []


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with deployed_stage(monkeypatch):
        yield


def test_role_may_ask_all_that_the_doctor_asks(deployed: None, template: Template) -> None:
    """On moto, where nothing is refused."""
    with written_down() as needed:
        inspect("local").doctor.examine()

    ((_, policy),) = template.of("AWS::IAM::Policy")
    given = {right for one in statements(policy) for right in rights_of(one)}
    assert missing(needed | of_functions(), given) == set()
    assert len(needed) > 10


def of_functions() -> set[Right]:
    """What is asked of a function that is there, which moto does not know in full."""
    asked = re.findall(r"\bfunctions\.(get_(?!paginator)\w+)", Path(platform.__file__).read_text())
    names = {"".join(word.capitalize() for word in one.split("_")) for one in asked}
    assert len(names) >= 3
    sweeper = f"function:{naming.sweeper('local')}"
    return {("logs:DescribeLogGroups", "*"), *((f"lambda:{name}", sweeper) for name in names)}


def rights_of(statement: Mapping[str, Any]) -> Iterator[Right]:
    """For the stage of the other tests."""
    for action in listed(statement["Action"]):
        for resource in listed(statement["Resource"]):
            name = name_in(text(resource)) if resource != "*" else "*"
            yield action, re.sub(r"(?<=[/-])prod\b", "local", name)


@pytest.mark.parametrize(
    ("stage", "given", "said"),
    [
        ("dev", {}, "stage must be one that the workflow deploy knows .*, got 'dev'"),
        ("prod", {"repository": "shop"}, "repository must be owner/name, .*, got 'shop'"),
        ("prod", {"repository": "octo/*"}, r"got 'octo/\*'"),
        ("prod", {"provider": "github"}, "provider must be the ARN of .*, got 'github'"),
    ],
)
def test_wrong_word_is_refused_with_what_it_must_be(
    stage: str, given: dict[str, str], said: str
) -> None:
    with pytest.raises(WorkerlessError, match=said):
        build(App(), stage=stages({})[stage], **{"repository": "octo/shop"} | given)


def test_application_reads_its_context(tmp_path: Path) -> None:
    context = json.dumps({"stage": "staging", "repository": "octo/shop", "provider": PROVIDER})
    variables = {"CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": context}

    done = subprocess.run(
        [sys.executable, "-m", "infra.releasing"],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    file = tmp_path / "workerless-staging-releasing.template.json"
    lint = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "W3005", "--"]
    said = subprocess.run([*lint, str(file)], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "")


def workflow(name: str) -> Mapping[str, Any]:
    told: Mapping[str, Any] = yaml.safe_load((ROOT / ".github/workflows" / name).read_text())
    return told


def test_workflow_deploys_the_stages_that_have_a_role_and_no_others() -> None:
    called = {
        job["with"]["stage"]: job
        for job in workflow("deploy.yml")["jobs"].values()
        if job["uses" if "uses" in job else "name"].endswith("stage.yml")
    }

    assert called.keys() == RELEASED.keys() <= stages({}).keys()
    assert RELEASED["staging"] in called["staging"]["if"]
    released = workflow("deploy.yml")["jobs"][called["prod"]["needs"]]
    assert RELEASED["prod"].rstrip("*") in released["if"]


def test_workflow_asks_for_no_longer_than_the_role_gives() -> None:
    (job,) = workflow("stage.yml")["jobs"].values()
    (asked,) = [
        step["with"] for step in job["steps"] if "configure-aws-credentials" in step.get("uses", "")
    ]

    assert asked["role-duration-seconds"] == SESSION.to_seconds()
    assert job["timeout-minutes"] < SESSION.to_minutes()
    assert job["environment"] == "${{ inputs.stage }}"
