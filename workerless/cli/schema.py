"""``workerless schema``."""

from typing import Annotated

import typer

from workerless.cli.checkout import declared
from workerless.cli.output import print_json
from workerless.cli.setting import setting_of


def schema(
    ctx: typer.Context,
    job_type: Annotated[str, typer.Argument(metavar="TYPE", help="Name of the job type.")],
) -> None:
    """Print the JSON Schema of a job type's payload, as this checkout declares it."""
    print_json(declared(setting_of(ctx).world.folder, job_type).json_schema())
