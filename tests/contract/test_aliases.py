"""The alias ``live``: what it stands for and how it is moved, in memory and at Lambda's double.

CodeDeploy's double keeps deployments as they were made, which is all that is asked of it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from workerless import naming
from workerless.aws.aliases import AwsAliases
from workerless.aws.session import AwsClients
from workerless.errors import JobStateError, PlatformUnavailableError
from workerless.testing.aliases import InMemoryAliases
from workerless.versions import Aliases, Versions

FUNCTION = naming.resource("test", "greet")
type Deploy = Callable[[], int]


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsClients]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        clients = AwsClients()
        yield clients
        for one in list(vars(clients).values()):
            if hasattr(one, "close"):
                one.close()


@pytest.fixture(params=["memory", "lambda"])
def world(request: pytest.FixtureRequest, clients: AwsClients) -> tuple[Aliases, Deploy]:
    """Aliases, and what deploys another version and tells its number."""
    if request.param == "memory":
        aliases = InMemoryAliases()
        return aliases, lambda: aliases.deploy(FUNCTION)
    return AwsAliases(clients, "test"), lambda: deploy(clients)


def deploy(clients: AwsClients) -> int:
    """A version with a memory of its own: Lambda publishes nothing that is as it was."""
    functions: Any = clients.functions
    known = functions.list_functions()["Functions"]
    if not known:
        iam = boto3.client("iam")
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        iam.close()
        functions.create_function(
            FunctionName=FUNCTION,
            Runtime="python3.13",
            Role=role,
            Handler="h.h",
            Code={"ZipFile": zipped()},
            Timeout=60,
            MemorySize=256,
        )
    else:
        functions.update_function_configuration(
            FunctionName=FUNCTION, MemorySize=known[0]["MemorySize"] + 1
        )
    version: str = functions.publish_version(FunctionName=FUNCTION)["Version"]
    move = functions.update_alias if known else functions.create_alias
    move(FunctionName=FUNCTION, Name=naming.LIVE, FunctionVersion=version)
    return int(version)


def zipped() -> bytes:
    data = BytesIO()
    with ZipFile(data, "w") as archive:
        archive.writestr("h.py", "")
    return data.getvalue()


def versions(aliases: Aliases) -> Versions:
    found = aliases.versions(FUNCTION)
    assert found is not None
    return found


def test_function_that_is_not_there_has_no_versions(world: tuple[Aliases, Deploy]) -> None:
    assert world[0].versions(FUNCTION) is None


def test_versions_are_told_the_latest_first(world: tuple[Aliases, Deploy]) -> None:
    aliases, deploys = world
    published = [deploys(), deploys(), deploys()]

    found = versions(aliases)

    assert [one.number for one in found.all] == [3, 2, 1] == published[::-1]
    assert (found.live, found.shares, found.deployment) == (3, {}, None)
    assert {one.timeout.total_seconds() for one in found.all} == {60}
    assert all(one.code and one.published_at.tzinfo for one in found.all)


def test_alias_stands_for_the_version_that_it_is_moved_to(world: tuple[Aliases, Deploy]) -> None:
    aliases, deploys = world
    deploys()
    deploys()

    aliases.move(versions(aliases), 1)

    assert (versions(aliases).live, versions(aliases).before()) == (1, None)
    assert len(versions(aliases).all) == 2


def test_canary_is_told_and_ended_by_a_move(clients: AwsClients) -> None:
    aliases = AwsAliases(clients, "test")
    deploy(clients)
    deploy(clients)
    clients.functions.update_alias(
        FunctionName=FUNCTION,
        Name=naming.LIVE,
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}},
    )

    found = versions(aliases)
    aliases.move(found, 1)

    assert (found.live, found.shares, found.before()) == (1, {2: 0.1}, 1)
    assert versions(aliases).shares == {}


def test_deployment_that_has_not_ended_is_found(clients: AwsClients) -> None:
    deploy(clients)
    application = naming.releases("test")
    clients.codedeploy.create_application(applicationName=application, computePlatform="Lambda")
    assert versions(AwsAliases(clients, "test")).deployment is None
    clients.codedeploy.create_deployment_group(
        applicationName=application, deploymentGroupName=FUNCTION, serviceRoleArn="arn:role"
    )
    assert versions(AwsAliases(clients, "test")).deployment is None

    made = clients.codedeploy.create_deployment(
        applicationName=application, deploymentGroupName=FUNCTION
    )

    assert versions(AwsAliases(clients, "test")).deployment == made["deploymentId"]


REFUSALS = [
    ("ApplicationDoesNotExistException", True),
    ("DeploymentGroupDoesNotExistException", True),
    ("400", True),  # the local cloud
    ("AccessDeniedException", False),
    ("ThrottlingException", False),
]


@pytest.mark.parametrize(("code", "is_none"), REFUSALS)
def test_only_a_stage_without_codedeploy_has_no_deployment(
    clients: AwsClients, code: str, *, is_none: bool
) -> None:
    deploy(clients)
    aliases = AwsAliases(clients, "test")
    with Stubber(clients.codedeploy) as stub:
        stub.add_client_error("list_deployments", code)

        if is_none:
            assert versions(aliases).deployment is None
        else:
            with pytest.raises(PlatformUnavailableError, match=code):
                aliases.versions(FUNCTION)


@pytest.mark.parametrize(("now", "is_ours"), [("1", True), ("2", False)])
def test_move_that_lambda_refuses_is_looked_at_again(
    clients: AwsClients, now: str, *, is_ours: bool
) -> None:
    deploy(clients)
    deploy(clients)
    aliases = AwsAliases(clients, "test")
    read = replace(versions(aliases), seen="as-it-was")
    with Stubber(clients.functions) as stub:
        stub.add_client_error(
            "update_alias",
            "PreconditionFailedException",
            expected_params={
                "FunctionName": FUNCTION,
                "Name": naming.LIVE,
                "FunctionVersion": "1",
                "RoutingConfig": {"AdditionalVersionWeights": {}},
                "RevisionId": "as-it-was",
            },
        )
        stub.add_response("get_alias", {"FunctionVersion": now, "RevisionId": "another"})

        if is_ours:
            aliases.move(read, 1)
        else:
            with pytest.raises(JobStateError, match="by somebody else"):
                aliases.move(read, 1)
        stub.assert_no_pending_responses()


def test_move_without_an_answer_is_told(clients: AwsClients) -> None:
    deploy(clients)
    read = versions(AwsAliases(clients, "test"))
    with Stubber(clients.functions) as stub:
        stub.add_client_error("update_alias", "ServiceException")

        with pytest.raises(PlatformUnavailableError, match="to be moved to version 1"):
            AwsAliases(clients, "test").move(read, 1)
