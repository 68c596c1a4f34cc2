"""``workerless new``."""

from typing import Annotated

import typer

from workerless.cli.checkout import need_checkout
from workerless.cli.docs import refresh
from workerless.cli.output import people, print_json, safe
from workerless.cli.scaffold import create, plan
from workerless.cli.setting import setting_of


def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Like send_email or user.welcome; never changes.")],
) -> None:
    """Make a job type: declaration, handler, event and test, ready to deploy."""
    setting = setting_of(ctx)
    root = need_checkout(setting.world.folder)
    made = create(root, plan(name))
    page = refresh(root)
    paths = [str(path.relative_to(root)) for path in [*made, *([page] if page else [])]]
    if setting.as_json:
        print_json({"name": name, "files": paths})
        return
    console = people()
    for path in paths:
        console.print(safe(path))
    people(stderr=True).print("next: say in job.py what it is, in handler.py how it is done")
