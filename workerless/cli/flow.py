"""``workerless flow``: what limits, keys and lanes come to."""

from pathlib import Path
from typing import Annotated

import typer

from workerless.cli.checkout import declared
from workerless.cli.duration import duration
from workerless.cli.failure import CommandError
from workerless.cli.flow_view import print_report
from workerless.cli.output import people, print_json, safe
from workerless.cli.setting import setting_of
from workerless.simulation.load import Load, Shape, Spread
from workerless.simulation.report import Report
from workerless.simulation.simulate import simulate as play

commands = typer.Typer(help="Flow control: try limits, keys and lanes.", add_completion=False)


@commands.callback()
def _flow() -> None:
    """Keeps ``simulate`` a command of a group."""


@commands.command()
def simulate(
    ctx: typer.Context,
    job_type: Annotated[str, typer.Argument(metavar="TYPE", help="Name of the job type.")],
    *,
    rate: Annotated[float, typer.Option(help="Jobs that arrive in a second.")] = 10.0,
    lasts: Annotated[str, typer.Option(help="How long they arrive.")] = "1m",
    takes: Annotated[str, typer.Option(help="How long a job takes in the mean.")] = "200ms",
    burst: Annotated[int, typer.Option(help="Jobs that are there at the beginning.")] = 0,
    shape: Annotated[Shape, typer.Option(help="How arrivals lie in time.")] = Shape.POISSON,
    spread: Annotated[Spread, typer.Option(help="How durations differ.")] = Spread.EXPONENTIAL,
    at_once: Annotated[
        int, typer.Option(help="Jobs an invocation runs at a time; above 1 for async handlers.")
    ] = 1,
    look: Annotated[str, typer.Option(help="What each look at a job costs besides.")] = "10ms",
    keys: Annotated[int, typer.Option(help="Different values of a key.")] = 1,
    skew: Annotated[
        float, typer.Option(help="0: all keys as frequent; 1: the second half as often, and so on.")
    ] = 0.0,
    lanes: Annotated[
        list[str] | None, typer.Option("--lane", help="NAME=SHARE of the jobs, once for each.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Other dice.")] = 0,
    svg: Annotated[Path | None, typer.Option(help="A file to draw it in.")] = None,
) -> None:
    """Play a load against a job type of this checkout, in virtual time; nothing is sent.

    How long jobs would wait, for what, and what bounds their pace: by the rules that workers keep,
    at their best. No machine is late here, and no job fails.
    """
    setting = setting_of(ctx)
    found = declared(setting.world.folder, job_type)
    load = Load(
        rate=rate,
        lasts=duration("--lasts", lasts),
        takes=duration("--takes", takes),
        burst=burst,
        shape=shape,
        spread=spread,
        at_once=at_once,
        look=duration("--look", look),
        keys=keys,
        skew=skew,
        lanes=dict(_share(one) for one in lanes or ()),
    )
    report = play(found, load, seed=seed)
    if svg is not None:
        _draw(report, f"{found.name}: {rate:g} jobs a second for {lasts}", svg)
    if setting.as_json:
        print_json(report)
        return
    print_report(people(), report)
    if svg is not None:
        people(stderr=True).print(safe(f"drawn in {svg}"))


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    try:
        return name, float(share)
    except ValueError:
        raise CommandError(f"--lane must be NAME=SHARE, like high=0.2, got {text!r}") from None


def _draw(report: Report, title: str, path: Path) -> None:
    from workerless.simulation.chart import svg  # noqa: PLC0415 -- 100 ms, only for who draws

    try:
        path.write_bytes(svg(report, title))
    except OSError as error:
        raise CommandError(f"--svg must be a file to write, got {path}: {error}") from error
