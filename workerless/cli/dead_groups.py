"""``workerless dead groups``, ``resolve``, ``ignore`` and ``reopen``."""

from typing import Annotated

import typer

from workerless.cli.dead_view import print_groups
from workerless.cli.output import people, print_json, safe
from workerless.cli.search_option import JobTypeName
from workerless.cli.setting import Setting, setting_of
from workerless.ledger import Judgement

Fingerprint = Annotated[str, typer.Argument(metavar="GROUP", help="Its name, as `groups` says.")]
Why = Annotated[str | None, typer.Option(help="Why, for the audit.")]


def groups(ctx: typer.Context, job_type: JobTypeName) -> None:
    """Group the dead jobs of a type by what they failed of, the largest group first."""
    setting = setting_of(ctx)
    found = setting.operations().groups.list(job_type)
    if setting.as_json:
        print_json({"groups": found})
    elif found:
        print_groups(people(), found)
    else:
        people(stderr=True).print(safe(f"no dead jobs of type {job_type}"))


def resolve(ctx: typer.Context, job_type: JobTypeName, group: Fingerprint, why: Why = None) -> None:
    """Say that a group's cause is gone; it shows as reopened once it comes back."""
    setting = setting_of(ctx)
    setting.operations().groups.resolve(job_type, group, why=why)
    _tell(setting, group, Judgement.RESOLVED)


def ignore(ctx: typer.Context, job_type: JobTypeName, group: Fingerprint, why: Why = None) -> None:
    """Say that nobody shall look at a group."""
    setting = setting_of(ctx)
    setting.operations().groups.ignore(job_type, group, why=why)
    _tell(setting, group, Judgement.IGNORED)


def reopen(ctx: typer.Context, job_type: JobTypeName, group: Fingerprint, why: Why = None) -> None:
    """Take back what was said of a group."""
    setting = setting_of(ctx)
    setting.operations().groups.reopen(job_type, group, why=why)
    _tell(setting, group, Judgement.OPEN)


def _tell(setting: Setting, group: str, judgement: Judgement) -> None:
    if setting.as_json:
        print_json({"group": group, "status": judgement})
    else:
        people().print(safe(f"{group} {judgement.value}"))
