"""The command line over fakes: a checkout in a folder, jobs in memory, no cloud."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from workerless.cli.app import app
from workerless.cli.setting import World
from workerless.client import Client
from workerless.inspecting import Inspection
from workerless.local.cloud import LocalCloud
from workerless.local.deploy import Tell
from workerless.local.state import Running
from workerless.operations.desk import Desk
from workerless.operations.doctor.examination import Doctor
from workerless.operations.opened import opened
from workerless.operations.service import Operations
from workerless.orchestration.world import Orchestra
from workerless.testing.aliases import InMemoryAliases
from workerless.testing.events import InMemoryEvents
from workerless.testing.flow.breakers import InMemoryBreakers
from workerless.testing.flow.settings import InMemorySettings
from workerless.testing.flow.unique import InMemoryUniqueStore
from workerless.testing.ledger import InMemoryLedger
from workerless.testing.logs import InMemoryLogs
from workerless.testing.memory import (
    FakeClock,
    InMemoryBlobs,
    InMemoryDirectory,
    InMemoryQueue,
    InMemoryStore,
    RecordingTelemetry,
)
from workerless.testing.platform import InMemoryPlatform
from workerless.testing.pulse import InMemoryPulses
from workerless.testing.schedule.scheduler import InMemoryPlans, InMemoryScheduler
from workerless.testing.schedule.stands import InMemoryStands

DECLARATION = '''
from typing import Annotated
from pydantic import Field
from workerless import JobType, Payload, Tracking, Unique

class Greet(Payload):
    """Greets somebody."""

    name: Annotated[str, Field(min_length=1)]

greet = JobType(name="greet", payload=Greet)
'''


def no_deployment(running: Running, tell: Tell) -> None:
    raise AssertionError("no test of the command line deploys")


def no_cloud(root: Path, environ: Mapping[str, str]) -> LocalCloud:
    return LocalCloud(directory=root / ".local", environ=environ, deploy=no_deployment)


def no_workflows() -> Orchestra:
    raise AssertionError("this terminal has no workflows")


@dataclass(kw_only=True)
class Terminal:
    """Runs commands in a checkout that declares ``greet``; ``other`` is deployed, not declared."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    connected: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.store = InMemoryStore(self.clock)
        self.events = InMemoryEvents(self.store, self.clock)
        self.queue = InMemoryQueue(self.clock)
        self.blobs = InMemoryBlobs(self.clock)
        self.directory = InMemoryDirectory(["greet", "other"])
        self.platform = InMemoryPlatform()
        self.pulses = InMemoryPulses()
        self.settings = InMemorySettings()
        self.logs = InMemoryLogs()
        (self.folder / "functions" / "greet").mkdir(parents=True)
        self.declare()
        (self.folder / "functions" / "__init__.py").touch()
        (self.folder / "cdk.json").write_text("{}")

    def declare(self, more: str = "") -> None:
        """Write the declaration of ``greet``, with ``more`` in it."""
        job = self.folder / "functions" / "greet" / "job.py"
        job.write_text(DECLARATION.replace("payload=Greet", f"payload=Greet, {more}"))

    def run(self, *arguments: str, stdin: str | None = None, stage: str = "test") -> Result:
        return CliRunner().invoke(
            app, ["--stage", stage, *arguments], input=stdin, obj=self.world()
        )

    def world(self, **changes: Any) -> World:
        parts = {
            "environ": self.environ,
            "folder": self.folder,
            "connect": self.connect,
            "inspect": self.inspect,
            "operate": self.operate,
            "now": self.clock.now,
            "cloud": no_cloud,
        }
        return World(**{**parts, **changes})

    def connect(self, stage: str) -> Client:
        self.connected.append(stage)
        return Client(
            store=self.store,
            unique=InMemoryUniqueStore(self.store),
            queue=self.queue,
            blobs=self.blobs,
            directory=self.directory,
            clock=self.clock,
            new_id=self.new_id,
        )

    def new_id(self) -> str:
        return "new-1"

    def inspect(self, stage: str) -> Inspection:
        self.connected.append(stage)
        doctor = Doctor(
            platform=self.platform,
            directory=self.directory,
            pulses=self.pulses,
            settings=self.settings,
            store=self.store,
            plans=InMemoryPlans(),
            clock=self.clock,
        )
        return Inspection(doctor=doctor, logs=self.logs, directory=self.directory)

    def operate(self, stage: str) -> Operations:
        self.connected.append(stage)
        return opened(
            Desk(
                store=self.store,
                ledger=InMemoryLedger(),
                queue=self.queue,
                blobs=self.blobs,
                directory=self.directory,
                clock=self.clock,
                telemetry=RecordingTelemetry(),
                platform=self.platform,
                aliases=InMemoryAliases(),
                pulses=self.pulses,
                settings=self.settings,
                breakers=InMemoryBreakers(),
                stands=InMemoryStands(),
                scheduler=InMemoryScheduler(),
                events=self.events,
                orchestra=no_workflows,
                by=lambda: "ada",
                new_id=lambda: "id-1",
                declared=lambda _: None,
                kick=lambda: None,
            )
        )
