"""``workerless worker``."""

import os
import subprocess
import sys
from datetime import timedelta
from typing import Annotated

import typer

from workerless.cli.checkout import declaration, need_checkout
from workerless.cli.duration import duration
from workerless.cli.failure import CommandError
from workerless.cli.output import people, safe
from workerless.cli.setting import setting_of

_MOST_GRACE = timedelta(hours=12)


def worker(
    ctx: typer.Context,
    job_type: Annotated[str, typer.Argument(metavar="TYPE", help="Name of the job type.")],
    *,
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="Each runs one batch at a time.")
    ] = 1,
    max_jobs: Annotated[
        int, typer.Option(min=1, help="After so many messages a process is replaced.")
    ] = 1000,
    max_memory: Annotated[
        int | None,
        typer.Option(min=32, help="The same above so many MiB; by default its memory_mb."),
    ] = None,
    grace: Annotated[
        str, typer.Option(help="How long what runs may go on after SIGTERM, 1s to 12h.")
    ] = "30s",
) -> None:
    """Run a job type's handler here, on messages polled from its queues, until SIGTERM.

    Beside its Lambda function, or while that has no mapping. For containers, and from a checkout.
    """
    setting = setting_of(ctx)
    within = duration("--grace", grace)
    if not timedelta(seconds=1) <= within <= _MOST_GRACE:
        raise CommandError(f"--grace must be between 1s and 12h, got {grace}")
    found = declaration(setting.world.folder, job_type)
    from workerless.container import health, place  # noqa: PLC0415 -- who works only
    from workerless.container.crew import Crew, leaving_at_sigterm  # noqa: PLC0415 -- the same
    from workerless.container.post import Plan  # noqa: PLC0415 -- the same

    with leaving_at_sigterm():
        setting.reach()
        root, deployed = need_checkout(setting.world.folder), place.find(setting.stage, job_type)
        variables = place.environment(deployed, setting.world.environ)
        variables["PYTHONPATH"] = os.pathsep.join(
            [str(root), *filter(None, [variables.get("PYTHONPATH")])]
        )

        def start(slot: int) -> subprocess.Popen[bytes]:
            plan = Plan(
                folder=found.folder,
                slot=slot,
                queues=tuple(deployed.queues.items()),
                max_jobs=max_jobs,
                max_memory_mib=max_memory or found.job_type.memory_mb,
                health=str(health.FOLDER),
            )
            command = [sys.executable, "-m", "workerless.container.post", plan.text()]
            return subprocess.Popen(command, cwd=root, env=variables, start_new_session=True)  # noqa: S603 -- ourselves

        def tell(text: str) -> None:
            people(stderr=True).print(safe(text))

        tell(f"{job_type} of stage {setting.stage}: {processes} at work; SIGTERM ends it")
        Crew(start, processes=processes, folder=health.FOLDER, tell=tell).run(grace=within)
