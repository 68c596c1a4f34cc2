"""What a stage gives the workers of some job types: pollers, a network, layers, Lambda Insights.

Each is chosen by patterns of job types' names; where none matches, there is none of it.
"""

import re
from dataclasses import dataclass
from typing import Any

from workerless.errors import DeclarationError, WorkerlessError
from workerless.job_type import JobType
from workerless.limits import INVOCATIONS_OF_A_POLLER

# https://docs.aws.amazon.com/lambda/latest/api/API_ProvisionedPollerConfig.html
_LEAST_POLLERS, _MOST_LEAST = 2, 200
# https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html
_MAX_SUBNETS, _MAX_SECURITY_GROUPS = 16, 5
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_MAX_LAYERS = 5
_SUBNET = re.compile(r"subnet-[0-9a-f]{8,17}")
_SECURITY_GROUP = re.compile(r"sg-[0-9a-f]{8,17}")
_LAYER = re.compile(r"arn:.+:layer:[A-Za-z0-9_-]{1,140}:[1-9][0-9]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pollers:
    """Pollers that Lambda keeps ready for a job type's queue (provisioned mode), and charges for.

    ``least`` always (2 to 200), ``most`` at times (``least`` and more). Each has up to ten
    invocations at once: ten times ``most`` must not be more than the job type's ``concurrency``.
    """

    least: int = _LEAST_POLLERS
    most: int

    def __post_init__(self) -> None:
        if not _LEAST_POLLERS <= self.least <= _MOST_LEAST:
            raise WorkerlessError(
                f"pollers: least must be between {_LEAST_POLLERS} and {_MOST_LEAST}, got "
                f"{self.least}"
            )
        if self.most < self.least:
            raise WorkerlessError(
                f"pollers: most must be at least the least ({self.least}), got {self.most}"
            )

    def check(self, job_type: JobType[Any, Any], concurrency: int, *, in_containers: bool) -> None:
        """Raises ``DeclarationError`` where ``job_type`` cannot have them.

        ``concurrency`` is what the stage lets it have: with pollers a mapping has no
        MaximumConcurrency, so only their number keeps what was declared.
        """
        what = f"{job_type.name}: pollers in infra/settings.py"
        if in_containers:
            raise DeclarationError(f"{what} poll for functions, and containers run its jobs")
        if job_type.lanes is not None:
            raise DeclarationError(
                f"{what} and lanes exclude each other: lanes share a concurrency that a mapping "
                "with pollers does not have"
            )
        if job_type.autoscale is not None:
            raise DeclarationError(
                f"{what} and its autoscale exclude each other: a mapping with pollers has no bound "
                "that could be moved"
            )
        invocations = self.most * INVOCATIONS_OF_A_POLLER
        if invocations > concurrency:
            raise DeclarationError(
                f"{what} may bring {invocations} invocations at once ({self.most} of "
                f"{INVOCATIONS_OF_A_POLLER}), and it has a concurrency of {concurrency}: Lambda "
                "keeps no bound below that of its pollers; declare as much, or let it have none"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Subnets (1 to 16) and security groups (1 to 5) of one VPC, by their ids."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]

    def __post_init__(self) -> None:
        for name, pattern, most in (
            ("subnets", _SUBNET, _MAX_SUBNETS),
            ("security_groups", _SECURITY_GROUP, _MAX_SECURITY_GROUPS),
        ):
            ids: tuple[str, ...] = getattr(self, name)
            if not 1 <= len(ids) <= most or not all(map(pattern.fullmatch, ids)):
                raise WorkerlessError(
                    f"network: {name} must be 1 to {most} ids ({pattern.pattern}), got {ids!r}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What one function has besides what its job types declare. ``layers`` are versions' ARNs."""

    network: Network | None = None
    layers: tuple[str, ...] = ()
    insights: bool = False

    def __post_init__(self) -> None:
        room = _MAX_LAYERS - 1 - self.insights
        if len(self.layers) > room or not all(map(_LAYER.fullmatch, self.layers)):
            raise WorkerlessError(
                f"layers must be ARNs of versions, arn:...:layer:name:1, and at most {room} "
                f"(Lambda takes {_MAX_LAYERS}, one is ours, and Insights is one), got "
                f"{self.layers!r}"
            )
