"""Where the jobs run: one value a stage. What a job is stands in its ``job.py``, never here."""

import platform
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from aws_cdk import Environment
from aws_cdk.aws_logs import RetentionDays

from infra.alarms.row import AlarmProfile
from infra.placement import Network, Placement, Pollers
from workerless.errors import WorkerlessError
from workerless.flow.autoscale import Scale
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
class FailedJobs:
    """People are told of jobs that failed, once a minute at most, by an SNS topic.

    Without ``job_types`` of all. ``email`` is who is told; others subscribe. ``link`` is the page
    of a job in a console of your own, as ``https://jobs.example.com/{job_id}``.
    """

    job_types: tuple[str, ...] = ()
    email: str | None = None
    link: str | None = None

    def __post_init__(self) -> None:
        if self.link is not None and "{job_id}" not in self.link:
            raise WorkerlessError(
                "failed_jobs: link must have {job_id} where the id of a job belongs, got "
                f"{self.link!r}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One deployment of all job types.

    ``keeps_data`` protects the table and keeps table, bucket, queues and logs when a stack goes.
    ``wheels`` is uv's name of the platform the functions run on. ``job_environment`` adds variables
    by job type; they may hold the placeholders of ``workerless.permission``. ``max_concurrency``
    lowers every job type's own. ``routes`` names pools of job types that share a function, by
    patterns of their names, the first that matches: ``{"email.*": "email"}``. ``containers`` are
    patterns of the names of those that containers alone run (docs/container-worker.md): their
    functions are there, and called by nobody. ``pollers``, ``networks``, ``layers`` and
    ``insights`` (Lambda Insights) are by such patterns, too, the first that matches: pollers of
    their own, a VPC's subnets, more layers (ARNs that may hold the placeholders). ``http`` is what
    the HTTP API is told, ``lifecycle`` what an event bus is told of jobs, if any, ``failed_jobs``
    what people are. ``alarms`` are those that it pays for. ``knows_zones`` is False where an
    emulator reads all schedules in UTC, ``knows_metric_math`` where it refuses alarms on
    expressions, and on other alarms.
    ``gradual`` has a new version of workers run a tenth of the batches for five minutes before it
    runs all, and go back where its alarms ring. ``account`` and ``region`` None mean: those of the
    deployment.
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
    containers: tuple[str, ...] = ()
    pollers: Mapping[str, Pollers] = field(default_factory=dict)
    networks: Mapping[str, Network] = field(default_factory=dict)
    layers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    insights: tuple[str, ...] = ()
    http: HttpSettings = field(default_factory=HttpSettings)
    lifecycle: LifecycleEvents | None = None
    failed_jobs: FailedJobs | None = None
    alarms: AlarmProfile = AlarmProfile.FULL
    gradual: bool = True
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

    def runs_in_containers(self, name: str) -> bool:
        """Whether containers run the jobs of a job type, and functions do not."""
        return any(fnmatchcase(name, pattern) for pattern in self.containers)

    def patterns(self) -> Iterator[tuple[str, str]]:
        """Those that choose job types, each with the field it is of; routes have their own."""
        for name in ("containers", "pollers", "networks", "layers", "insights"):
            yield from ((name, pattern) for pattern in getattr(self, name))

    def pollers_of(self, job_type: JobType[Any, Any]) -> Pollers | None:
        """Raises ``DeclarationError`` where it cannot have those that are meant for it."""
        pollers = _first(self.pollers, job_type.name)
        if pollers is not None:
            pollers.check(
                job_type,
                self.concurrency(job_type.concurrency),
                in_containers=self.runs_in_containers(job_type.name),
            )
        return pollers

    def scale_of(self, job_type: JobType[Any, Any]) -> Scale | None:
        """The bounds between which it is scaled, where it wants to be."""
        rule = job_type.autoscale
        if rule is None:
            return None
        return Scale(rule=rule, most=self.concurrency(job_type.concurrency))

    def placement_of(self, name: str) -> Placement:
        """What the function of a job type has besides what is declared."""
        return Placement(
            network=_first(self.networks, name),
            layers=_first(self.layers, name) or (),
            insights=any(fnmatchcase(name, pattern) for pattern in self.insights),
        )

    @property
    def is_judged(self) -> bool:
        """Whether new versions of workers are: without alarms nothing would."""
        return self.gradual and self.alarms is not AlarmProfile.NONE

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
        gradual=False,  # nor is there CodeDeploy
        knows_zones=False,
        knows_metric_math=False,
        account="000000000000",
        region="us-east-1",
    )
    dev = Stage(
        name="dev",
        keeps_data=True,
        alarms=AlarmProfile.BASIC,
        gradual=False,
        log_retention=RetentionDays.TWO_WEEKS,
        job_environment={"send_email": {"EMAIL_SENDER": "jobs@example.com"}},
        account=account,
        region=region,
    )
    staging = Stage(
        name="staging",
        keeps_data=True,
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
    return {stage.name: stage for stage in (local, dev, staging, prod)}


def find_stage(name: str, variables: Mapping[str, str]) -> Stage:
    """Raises ``WorkerlessError`` naming the stages there are."""
    known = stages(variables)
    if name not in known:
        raise WorkerlessError(
            f"stage must be one of {', '.join(known)} (infra/settings.py), got {name!r}"
        )
    return known[name]


def _first[T](values: Mapping[str, T], name: str) -> T | None:
    return next((one for pattern, one in values.items() if fnmatchcase(name, pattern)), None)


def _host() -> tuple[Architecture, str]:
    """The machine this runs on: the local cloud runs functions on it, without a container."""
    arm = platform.machine().lower() in {"arm64", "aarch64"}
    system = "apple-darwin" if sys.platform == "darwin" else "manylinux_2_28"
    return ("arm64", f"aarch64-{system}") if arm else ("x86_64", f"x86_64-{system}")
