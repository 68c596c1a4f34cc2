"""The alias ``live`` of functions, as Lambda knows it, and whether CodeDeploy moves it now."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from workerless import naming
from workerless.aws.asking import ask, told
from workerless.aws.fault import NO_ANSWER, code_of
from workerless.errors import JobStateError
from workerless.versions import Version, Versions

if TYPE_CHECKING:
    from workerless.aws.session import AwsClients

# No stage is released gradually without these; the local cloud has no CodeDeploy, and says so by a
# refusal that has a status for its code, which no service of AWS does.
_NO_GROUP = frozenset(
    {"ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException", "400"}
)
_UNFINISHED = ("Created", "Queued", "InProgress", "Baking", "Ready")
_MOVED = "PreconditionFailedException"


class AwsAliases:
    """Those of one stage, read anew with every call."""

    def __init__(self, clients: "AwsClients", stage: str) -> None:
        self._clients = clients
        self._stage = naming.check_stage(stage)

    def versions(self, function: str) -> Versions | None:
        alias = self._alias(function)
        if alias is None:
            return None
        with told(f"the versions of function {function}"):
            pages = self._clients.functions.get_paginator("list_versions_by_function")
            found = [
                _version(one)
                for page in pages.paginate(FunctionName=function)
                for one in page["Versions"]
                if one["Version"] != "$LATEST"
            ]
            return Versions(
                function=function,
                all=tuple(sorted(found, key=lambda one: one.number, reverse=True)),
                live=int(alias["FunctionVersion"]),
                seen=alias["RevisionId"],
                shares=_shares(alias),
                deployment=self._deployment(function),
            )

    def move(self, versions: Versions, number: int) -> None:
        function = versions.function
        with told(f"alias {naming.LIVE} of {function}, to be moved to version {number}"):
            try:
                self._clients.functions.update_alias(
                    FunctionName=function,
                    Name=naming.LIVE,
                    FunctionVersion=str(number),
                    RoutingConfig={"AdditionalVersionWeights": {}},
                    RevisionId=versions.seen,
                )
            except NO_ANSWER as error:
                if code_of(error) != _MOVED:
                    raise
                self._see_who_moved(function, number, error)

    def _see_who_moved(self, function: str, number: int, error: Exception) -> None:
        """Ourselves, if the first answer was lost on its way and botocore asked again."""
        alias = self._alias(function) or {}
        if alias.get("FunctionVersion") != str(number) or _shares(alias):
            raise JobStateError(
                f"{naming.LIVE} of {function} was moved by somebody else meanwhile; look again"
            ) from error

    def _alias(self, function: str) -> Any:
        what, functions = f"alias {naming.LIVE} of {function}", self._clients.functions
        return ask(what, lambda: functions.get_alias(FunctionName=function, Name=naming.LIVE))

    def _deployment(self, function: str) -> str | None:
        try:
            answer = self._clients.codedeploy.list_deployments(
                applicationName=naming.releases(self._stage),
                deploymentGroupName=function,
                includeOnlyStatuses=_UNFINISHED,
            )
        except NO_ANSWER as error:
            if code_of(error) in _NO_GROUP:
                return None
            raise
        found: list[str] = answer["deployments"]
        return found[0] if found else None


def _version(told_of: Mapping[str, Any]) -> Version:
    """From one of ``ListVersionsByFunction``."""
    return Version(
        number=int(told_of["Version"]),
        published_at=datetime.fromisoformat(told_of["LastModified"]),
        timeout=timedelta(seconds=told_of["Timeout"]),
        memory_mb=told_of["MemorySize"],
        code=told_of["CodeSha256"],
    )


def _shares(alias: Mapping[str, Any]) -> dict[int, float]:
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return {int(number): float(share) for number, share in weights.items() if share}
