"""``workerless cost``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from workerless.cli.checkout import find_checkout
from workerless.cli.duration import duration
from workerless.cli.job_view import print_table
from workerless.cli.output import people, print_json
from workerless.cli.setting import setting_of
from workerless.discovery import discover
from workerless.operations import pricing
from workerless.operations.cost import Part, Profile, Workload, parts_of
from workerless.tracking import Tracking


def cost(
    ctx: typer.Context,
    *,
    jobs: Annotated[int, typer.Option(min=0, help="Jobs in a month.")] = 1_000_000,
    types: Annotated[
        int | None, typer.Option(min=1, help="Job types; those of the checkout.")
    ] = None,
    tracking: Annotated[Tracking, typer.Option(help="How much is kept of each.")] = Tracking.FULL,
    alarms: Annotated[Profile, typer.Option(help="Which alarms the stage has.")] = Profile.FULL,
    batch: Annotated[int, typer.Option(min=1, max=10_000, help="Jobs of an invocation.")] = 10,
    takes: Annotated[str, typer.Option(help="How long an attempt takes.")] = "200ms",
    memory: Annotated[int, typer.Option(min=128, max=10_240, help="MiB of a function.")] = 256,
    retries: Annotated[float, typer.Option(min=0, help="Retries of a job in the mean.")] = 0.0,
    pollers: Annotated[int, typer.Option(min=0, help="Provisioned pollers, the least.")] = 0,
    insights: Annotated[int, typer.Option(min=0, help="Functions with Lambda Insights.")] = 0,
    bulk: Annotated[bool, typer.Option(help="Enqueued ten and more at a time.")] = True,
) -> None:
    """Tell what a stage costs in a month, by what it is made of; asks nothing of AWS.

    Counted calls at list prices: no free tier, no discount, nothing that jobs do themselves.
    """
    setting = setting_of(ctx)
    load = Workload(
        jobs=jobs,
        job_types=types or _declared(setting.world.folder),
        tracking=tracking,
        alarms=alarms,
        batch_size=batch,
        duration=duration("--takes", takes),
        memory_mb=memory,
        retries=retries,
        in_bulk=bulk,
        pollers=pollers,
        insights=insights,
    )
    parts = parts_of(load)
    if setting.as_json:
        print_json({"total": _total(parts), "parts": parts, "prices_of": f"{pricing.NOTED_ON}"})
    else:
        _print(load, parts)


def _declared(folder: Path) -> int:
    root = find_checkout(folder)
    return max(len(discover(root)), 1) if root else 1


def _total(parts: Sequence[Part]) -> float:
    return round(sum(part.dollars for part in parts), 2)


def _print(load: Workload, parts: Sequence[Part]) -> None:
    console = people()
    rows = [(part.name, f"{part.dollars:,.2f}", part.of) for part in parts]
    print_table(console, ("a month of", "dollars", "made of"), rows)
    console.print(f"\nin all {_total(parts):,.2f} dollars", end="")
    if load.jobs:
        taken = sum(part.dollars for part in parts if part.is_of_jobs)
        console.print(f", of which a million jobs take {taken / load.jobs * 1e6:,.2f}", end="")
    console.print(
        f"; list prices of {pricing.REGION}, noted on {pricing.NOTED_ON}, "
        f"{load.job_types} job types"
    )
