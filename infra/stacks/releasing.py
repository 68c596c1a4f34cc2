"""Who may deploy a stage: a role for the workflow that does, with no key anywhere.

GitHub signs what it says of a run, AWS gives the role for that. A stack by itself, made once by a
person (``infra/releasing.py``): a deployment does not decide who deploys.
"""

import re
from collections.abc import Mapping

from aws_cdk import App, CfnOutput, DefaultStackSynthesizer, Duration, Stack, Tags
from aws_cdk.aws_iam import (
    OidcProviderNative,
    PolicyStatement,
    Role,
    WebIdentityPrincipal,
)

from infra.placeholders import fill
from infra.settings import Stage
from infra.tagging import stage_tags
from workerless import naming
from workerless.errors import WorkerlessError

# By stage: the refs of which .github/workflows/deploy.yml deploys it.
RELEASED: Mapping[str, str] = {"staging": "refs/heads/main", "prod": "refs/tags/v*"}
SESSION = Duration.hours(2)
ISSUER = "token.actions.githubusercontent.com"
_AUDIENCE = "sts.amazonaws.com"
# With the numbers that GitHub has given both, where it says them (repositories since July 2026).
_REPOSITORY = re.compile(r"[A-Za-z0-9-]+(@\d+)?/[A-Za-z0-9._-]+(@\d+)?")
_PROVIDER = re.compile(rf"arn:[a-z-]+:iam::\d{{12}}:oidc-provider/{re.escape(ISSUER)}")
_BOOTSTRAP = (
    f"arn:{{partition}}:iam::{{account}}:role/cdk-{DefaultStackSynthesizer.DEFAULT_QUALIFIER}"
    "-{role}-role-{account}-{region}"
)
# What `workerless doctor` asks, which the workflow runs after each deployment.
_LOOKS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "Lists",  # which know no resources
        (
            "cloudwatch:DescribeAlarms",
            "lambda:ListEventSourceMappings",
            "logs:DescribeLogGroups",
            "scheduler:ListSchedules",
            "sqs:ListQueues",
        ),
        ("*",),
    ),
    (
        "Functions",
        (
            "lambda:GetFunctionConfiguration",
            "lambda:GetFunctionConcurrency",
            "lambda:GetFunctionRecursionConfig",
        ),
        ("arn:{partition}:lambda:{region}:{account}:function:workerless-{stage}-*",),
    ),
    (
        "Queues",
        ("sqs:GetQueueAttributes",),
        ("arn:{partition}:sqs:{region}:{account}:workerless-{stage}-*",),
    ),
    (
        "Table",
        (
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:BatchGetItem",
        ),
        ("arn:{partition}:dynamodb:{region}:{account}:table/workerless-{stage}",),
    ),
    (
        "Rows",  # of jobs that ended
        ("dynamodb:Query",),
        ("arn:{partition}:dynamodb:{region}:{account}:table/workerless-{stage}/index/by_state",),
    ),
    (
        "Parameters",
        ("ssm:GetParameter", "ssm:GetParametersByPath"),
        ("arn:{partition}:ssm:{region}:{account}:parameter/workerless/{stage}/*",),
    ),
    (
        "Schedules",
        ("scheduler:GetSchedule",),
        (
            "arn:{partition}:scheduler:{region}:{account}:schedule/default/workerless-{stage}-*",
            "arn:{partition}:scheduler:{region}:{account}:schedule/workerless-{stage}/*",
        ),
    ),
    (
        "Listeners",
        ("sns:ListSubscriptionsByTopic",),
        ("arn:{partition}:sns:{region}:{account}:workerless-{stage}-alarms",),
    ),
)
# As they are written before they are filled in, for who acknowledges them.
WILDCARDS = tuple(one for _, _, many in _LOOKS for one in many if "*" in one)


class ReleasingStack(Stack):
    """The role, and GitHub as a provider of identities unless the account knows it already."""

    def __init__(
        self, scope: App, *, stage: Stage, repository: str, provider: str | None = None
    ) -> None:
        """``repository`` as GitHub's claims begin, ``provider`` the ARN of one that is there."""
        _check(stage, repository, provider)
        name = f"workerless-{stage.name}-releasing"
        super().__init__(
            scope,
            name,
            stack_name=name,
            description=f"Workerless, stage {stage.name}: who may deploy it",
            env=stage.environment,
            termination_protection=True,
        )
        self.role = Role(
            self,
            "Role",
            role_name=naming.deployer(stage.name, self.region),
            description=f"Assumed by the workflow deploy of {repository}, and by nobody else",
            # A canary of each job type takes its minutes.
            max_session_duration=SESSION,
            assumed_by=WebIdentityPrincipal(
                provider or self._github(), _trusted(repository, stage.name)
            ),
        )
        self._allow_deploying()
        for sid, actions, resources in _LOOKS:
            self.role.add_to_policy(
                PolicyStatement(
                    sid=sid,
                    actions=list(actions),
                    resources=[fill(one, stage=stage, stack=self) for one in resources],
                )
            )
        CfnOutput(
            self,
            "RoleArn",
            value=self.role.role_arn,
            description="The variable AWS_ROLE of the environment of the same name",
        )
        for key, value in stage_tags(stage).items():
            Tags.of(self).add(key, value)

    def _github(self) -> str:
        made = OidcProviderNative(self, "GitHub", url=f"https://{ISSUER}", client_ids=[_AUDIENCE])
        return made.oidc_provider_arn

    def _allow_deploying(self) -> None:
        """By the roles of the CDK's bootstrap: what those may, is decided there."""
        self.role.add_to_policy(
            PolicyStatement(
                sid="Deploy",
                actions=["sts:AssumeRole"],
                resources=[
                    _BOOTSTRAP.format(
                        partition=self.partition,
                        account=self.account,
                        region=self.region,
                        role=role,
                    )
                    for role in ("deploy", "file-publishing", "lookup")
                ],
            )
        )


def _trusted(repository: str, stage: str) -> dict[str, dict[str, str]]:
    """This repository, from the stage's environment, and of the refs that are released to it."""
    return {
        "StringEquals": {
            f"{ISSUER}:aud": _AUDIENCE,
            f"{ISSUER}:sub": f"repo:{repository}:environment:{stage}",
        },
        "StringLike": {f"{ISSUER}:ref": RELEASED[stage]},
    }


def _check(stage: Stage, repository: str, provider: str | None) -> None:
    if stage.name not in RELEASED:
        raise WorkerlessError(
            f"stage must be one that the workflow deploy knows ({', '.join(RELEASED)}), got "
            f"{stage.name!r}"
        )
    if not _REPOSITORY.fullmatch(repository):
        raise WorkerlessError(
            "repository must be owner/name, or owner@1/name@2 where GitHub says their numbers, "
            f"got {repository!r}"
        )
    if provider is not None and not _PROVIDER.fullmatch(provider):
        raise WorkerlessError(
            f"provider must be the ARN of the account's OIDC provider {ISSUER}, got {provider!r}"
        )
