"""Where the jobs run: one value a stage. What a job is stands in its ``job.py``, never here."""

import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aws_cdk import Environment
from aws_cdk.aws_logs import RetentionDays

from infra.alarms.row import AlarmProfile
from workerless.errors import WorkerlessError
from workerless.http.settings import HttpSettings
from workerless.job_type import JobType
from workerless.lifecycle_event import JobChange
from workerless.limits import MIN_MAXIMUM_CONCURRENCY
from workerless.naming import check_stage

type Architecture = Literal["arm64", "x86_64"]

_ENDS = (
    JobChange.COMPLETED,
    JobChange.FAILED,
    JobChange.DISCARDED,
    JobChange.CANCELLED,
    JobChange.HELD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleEvents:
    """``bus``, by its name in this account, is told of these ``changes`` of jobs.

    Without ``job_types`` of all.
    """

    bus: str = "default"
    changes: tuple[JobChange, ...] = _ENDS
    job_types: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.changes:
            raise WorkerlessError("lifecycle: changes must be one JobChange at least, got none")
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,256}", self.bus):
            raise WorkerlessError(f"lifecycle: bus must be the name of one, got {self.bus!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One deployment of all job types.

    ``keeps_data`` protects the table and keeps table, bucket, queues and logs when a stack goes.
    ``wheels`` is uv's name of the platform the functions run on. ``job_environment`` adds variables
    by job type; they may hold the placeholders of ``workerless.permission``. ``max_concurrency``
    lowers every job type's own. ``routes`` names pools of job types that share a function, by
    patterns of their names, the first that matches: ``{"email.*": "email"}``. ``http`` is what the
    HTTP API is told, ``lifecycle`` what an event bus is told of jobs, if any. ``alarms`` are
    those that it pays for. ``knows_zones`` is False where an emulator reads all schedules in UTC,
    ``knows_metric_math`` where it refuses alarms on expressions, and on other alarms.
    ``account`` and ``region`` None mean: those of the deployment.
    """

    name: str
    keeps_data: bool
    log_retention: RetentionDays
    architecture: Architecture = "arm64"
    wheels: str = "aarch64-manylinux_2_28"
    job_environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    alarm_email: str | None = None
    max_concurrency: int | None = None
    routes: Mapping[str, str] = field(default_factory=dict)
    http: HttpSettings = field(default_factory=HttpSettings)
    lifecycle: LifecycleEvents | None = None
    alarms: AlarmProfile = AlarmProfile.FULL
    knows_zones: bool = True
    knows_metric_math: bool = True
    account: str | None = None
    region: str | None = None

    def __post_init__(self) -> None:
        check_stage(self.name)
        lowest = MIN_MAXIMUM_CONCURRENCY
        if self.max_concurrency is not None and self.max_concurrency < lowest:
            raise WorkerlessError(
                f"stage {self.name}: max_concurrency must be None or at least {lowest} (Lambda's "
                f"floor for a queue), got {self.max_concurrency}"
            )

    @property
    def environment(self) -> Environment:
        return Environment(account=self.account, region=self.region)

    def environment_of(self, job_type: JobType[Any, Any]) -> dict[str, str]:
        """The variables of a job type as declared, and as this stage has them."""
        return {**job_type.environment, **self.job_environment.get(job_type.name, {})}

    def concurrency(self, declared: int) -> int:
        """What a job type that declares ``declared`` gets here, never less than Lambda's floor.

        One at a time is not the mapping's business: the worker sees to that.
        """
        return max(min(declared, self.max_concurrency or declared), MIN_MAXIMUM_CONCURRENCY)


def stages(variables: Mapping[str, str]) -> dict[str, Stage]:
    """The stages by name; ``variables`` is the environment of the process that deploys."""
    # The CDK command line sets both from the credentials in use; without them, synth needs none.
    account = variables.get("CDK_DEFAULT_ACCOUNT")
    region = variables.get("CDK_DEFAULT_REGION")
    architecture, wheels = _host()
    local = Stage(
        name="local",
        keeps_data=False,
        log_retention=RetentionDays.ONE_DAY,
        architecture=architecture,
        wheels=wheels,
        job_environment={
            "send_email": {"EMAIL_SENDER": "jobs@example.com"},
            "deliver_webhook": {"WEBHOOK_ALLOW_LOOPBACK": "1"},
        },
        max_concurrency=5,  # the emulator starts a Python process for each
        knows_zones=False,
        knows_metric_math=False,
        account="000000000000",
        region="us-east-1",
    )
    dev = Stage(
        name="dev",
        keeps_data=True,
        alarms=AlarmProfile.BASIC,
        log_retention=RetentionDays.TWO_WEEKS,
        job_environment={"send_email": {"EMAIL_SENDER": "jobs@example.com"}},
        account=account,
        region=region,
    )
    prod = Stage(
        name="prod",
        keeps_data=True,
        log_retention=RetentionDays.THREE_MONTHS,
        job_environment={"send_email": {"EMAIL_SENDER": "jobs@example.com"}},
        account=account,
        region=region,
    )
    return {stage.name: stage for stage in (local, dev, prod)}


def find_stage(name: str, variables: Mapping[str, str]) -> Stage:
    """Raises ``WorkerlessError`` naming the stages there are."""
    known = stages(variables)
    if name not in known:
        raise WorkerlessError(
            f"stage must be one of {', '.join(known)} (infra/settings.py), got {name!r}"
        )
    return known[name]


def _host() -> tuple[Architecture, str]:
    """The machine this runs on: the local cloud runs functions on it, without a container."""
    arm = platform.machine().lower() in {"arm64", "aarch64"}
    system = "apple-darwin" if sys.platform == "darwin" else "manylinux_2_28"
    return ("arm64", f"aarch64-{system}") if arm else ("x86_64", f"x86_64-{system}")
