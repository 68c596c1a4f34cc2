"""What callers of the HTTP API attach to their roles: a policy for each scope."""

from collections.abc import Iterable, Sequence

from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement
from constructs import Construct

from infra.constructs.http_api import Gateway
from infra.settings import Stage
from workerless import naming
from workerless.http.surface import ROUTES, Route, Scope

# A policy holds 6,144 characters, and the ARN of a route may take 120 of them.
_MOST_RESOURCES = 40


class ApiPolicies(Construct):
    """``read``, ``enqueue`` and ``operate``: each what its scope says, none includes another.

    A wildcard of IAM goes on over slashes, so POST/jobs/* would allow POST/jobs/<id>/cancel, too:
    enqueueing is allowed by the names of the job types.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        gateway: Gateway,
        job_types: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        allowed = {one: _resources(one, job_types) for one in Scope}
        self.resources = [below for several in allowed.values() for below in several]
        self.policies = [
            self._policy(stage, gateway, scope, number, below)
            for scope, several in allowed.items()
            for number, below in enumerate(_chunks(several))
        ]

    def _policy(
        self, stage: Stage, gateway: Gateway, scope: Scope, number: int, below: Sequence[str]
    ) -> ManagedPolicy:
        suffix = str(number + 1) if number else ""
        return ManagedPolicy(
            self,
            f"{scope.value.capitalize()}{suffix}",
            managed_policy_name=f"{naming.api(stage.name)}-{scope.value}{suffix}",
            description=f"Workerless, stage {stage.name}: {scope.value} jobs over HTTP",
            statements=[
                PolicyStatement(
                    actions=["execute-api:Invoke"],
                    resources=[gateway.arn(one) for one in below],
                )
            ],
        )


def _resources(scope: Scope, job_types: Sequence[str]) -> list[str]:
    """``<stage>/<method>/<path>`` of all that a scope is for."""
    return sorted(
        f"$default/{route.method}{path}"
        for route in ROUTES
        if route.scope is scope
        for path in _paths(route, job_types)
    )


def _paths(route: Route, job_types: Sequence[str]) -> Iterable[str]:
    names = job_types if route.scope is Scope.ENQUEUE else ["*"]
    return [route.with_parts(name) for name in names]


def _chunks(resources: Sequence[str]) -> list[Sequence[str]]:
    return [
        resources[start : start + _MOST_RESOURCES]
        for start in range(0, len(resources), _MOST_RESOURCES)
    ]
