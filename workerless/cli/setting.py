"""What every command gets: the stage, the form of its output, and the world it runs in."""

import os
import sys
import time
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import typer

from workerless.alarming.metric import Samples
from workerless.cli.checkout import find_checkout, need_checkout
from workerless.cli.editor import edit
from workerless.client import Client, connect
from workerless.inspecting import Inspection, inspect
from workerless.local import credentials
from workerless.local.cloud import LocalCloud, local_cloud
from workerless.local.deploy import STAGE as LOCAL
from workerless.local.measured import measure
from workerless.local.state import Running
from workerless.operating import operate
from workerless.operations.service import Operations

# The emulator drops what these are about (docs/emulators.md), and nobody waits for its alarms.
DROPPED_LOCALLY = frozenset({"event_counts", "listeners", "recovery", "recursion", "time_to_live"})


def _inspect(stage: str) -> Inspection:
    return inspect(stage, unasked=DROPPED_LOCALLY if stage == LOCAL else frozenset())


def _is_terminal() -> bool:
    return sys.stdin.isatty()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is outside of the process; tests bring their own. ``sleep`` takes seconds."""

    environ: MutableMapping[str, str] = field(default_factory=lambda: os.environ)
    folder: Path = field(default_factory=Path.cwd)
    connect: Callable[[str], Client] = connect
    inspect: Callable[[str], Inspection] = _inspect
    operate: Callable[[str], Operations] = operate
    cloud: Callable[[Path, Mapping[str, str]], LocalCloud] = local_cloud
    measure: Callable[[Path, Running, float, float], Samples] = measure
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    edit: Callable[[str], str] = edit
    is_terminal: Callable[[], bool] = _is_terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One run of the command line."""

    stage: str
    as_json: bool
    world: World

    def client(self) -> Client:
        """The stage's client. Raises as ``reach``."""
        self.reach()
        return self.world.connect(self.stage)

    def inspection(self) -> Inspection:
        """The stage as it is deployed. Raises as ``reach``."""
        self.reach()
        return self.world.inspect(self.stage)

    def operations(self) -> Operations:
        """All that can be done with the stage. Raises as ``reach``."""
        self.reach()
        return self.world.operate(self.stage)

    def checkout(self) -> Path | None:
        return find_checkout(self.world.folder)

    def cloud(self) -> LocalCloud:
        return self.world.cloud(need_checkout(self.world.folder), self.world.environ)

    def reach(self) -> None:
        """Have AWS clients find the stage. Those of the local cloud can reach nothing else.

        Raises ``NotRunningError`` when the stage is local and there is no local cloud.
        """
        if self.stage != LOCAL:
            return
        endpoint = self.cloud().running().endpoint
        environ = self.world.environ
        # boto3 reads the environment: no profile and no endpoint of the user's may be left.
        for name in environ.keys() - credentials.without_aws(environ).keys():
            del environ[name]
        environ.update(credentials.dummy(endpoint))


def setting_of(ctx: typer.Context) -> Setting:
    """What the root put there before the command ran."""
    return cast("Setting", ctx.obj)
