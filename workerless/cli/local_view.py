"""``workerless local metrics`` and ``local dashboard``: what CloudWatch would show."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from workerless import metric, naming
from workerless.alarming.metric import Metric, Sample
from workerless.cli.duration import duration
from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError
from workerless.cli.job_view import print_table
from workerless.cli.local_look import LONGEST, measured, ringing_now, state_of
from workerless.cli.output import people, print_json, safe
from workerless.cli.setting import Setting, setting_of
from workerless.local import template
from workerless.local.deploy import STAGE

Type = Annotated[str | None, typer.Argument(metavar="[TYPE]", help="Of one job type alone.")]
Since = Annotated[str, typer.Option(help="How far to look back, as 90s, 10m or 3h.")]


def metrics(ctx: typer.Context, job_type: Type = None, since: Since = "1h") -> None:
    """Show what jobs counted and measured, as CloudWatch would have it."""
    setting = setting_of(ctx)
    samples = measured(setting, duration("--since", since))
    told = sorted(
        (one for one in samples if _is_of_jobs(one, job_type)),
        key=lambda one: (dict(one.dimensions)[metric.JOB_TYPE], one.name),
    )
    rows = [_figures(one, samples[one]) for one in told]
    if setting.as_json:
        print_json(rows)
        return
    headings = ("job type", "metric", "unit", "samples", "sum", "average", "greatest")
    print_table(people(), headings, [tuple(_cell(one) for one in row.values()) for row in rows])


def dashboard(ctx: typer.Context, job_type: Type = None, since: Since = "1h") -> None:
    """Draw the dashboards as pages in the local cloud's folder, and tell where they are."""
    from workerless.dashboard.page import (  # noqa: PLC0415 -- pygal; no other command draws
        View,
        page,
    )
    from workerless.dashboard.template import read  # noqa: PLC0415 -- with it
    from workerless.dashboard.words import page_file  # noqa: PLC0415 -- with it

    setting = setting_of(ctx)
    span = duration("--since", since)
    samples = measured(setting, max(span, LONGEST))
    view = View(
        samples=samples,
        end=setting.world.now().timestamp(),
        span=span,
        states={one.name: state_of(one) for one in ringing_now(setting, samples)},
    )
    cloud = setting.cloud()
    folder = cloud.directory / "dashboards"
    folder.mkdir(exist_ok=True)
    names = []
    for body in template.templates(cloud.directory):
        for one in read(body, pseudo=template.PSEUDO):
            (folder / page_file(one.name)).write_text(page(one, view), encoding="utf-8")
            names.append(one.name)
    asked = naming.resource(STAGE, job_type) if job_type else naming.overview(STAGE)
    if asked not in names:
        raise CommandError(
            f"type must be one that is deployed, got {job_type!r}; `workerless local status` "
            "lists them",
            ExitCode.NOT_FOUND,
        )
    _tell(setting, folder / page_file(asked))


def _tell(setting: Setting, file: Path) -> None:
    if setting.as_json:
        print_json({"file": str(file), "address": file.as_uri()})
    else:
        people().print(safe(file.as_uri()))


def _is_of_jobs(one: Metric, job_type: str | None) -> bool:
    of = dict(one.dimensions).get(metric.JOB_TYPE)
    return one.namespace == metric.NAMESPACE and of is not None and job_type in (None, of)


def _figures(one: Metric, samples: Sequence[Sample]) -> Mapping[str, object]:
    values = [sample.value for sample in samples]
    return {
        "job_type": dict(one.dimensions)[metric.JOB_TYPE],
        "metric": one.name,
        "unit": metric.UNITS.get(one.name, ""),
        "samples": len(values),
        "sum": sum(values),
        "average": sum(values) / len(values),
        "maximum": max(values),
    }


def _cell(value: object) -> object:
    return f"{value:,.6g}" if isinstance(value, float) else value
