"""``workerless docs``."""

import typer

from workerless.catalogue import catalogue
from workerless.cli.checkout import need_checkout
from workerless.cli.output import print_json
from workerless.cli.setting import setting_of
from workerless.discovery import discover


def docs(ctx: typer.Context) -> None:
    """Print a page about every job type of this checkout, in Markdown."""
    setting = setting_of(ctx)
    found = discover(need_checkout(setting.world.folder))
    page = catalogue(one.job_type for one in found)
    if setting.as_json:
        print_json({"markdown": page})
    else:
        typer.echo(page, nl=False)
