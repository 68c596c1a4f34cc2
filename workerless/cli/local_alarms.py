"""``workerless local alarms``: which alarms would ring on AWS."""

from collections.abc import Sequence
from typing import Annotated

import typer

from workerless import naming
from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError
from workerless.cli.job_view import print_table
from workerless.cli.local_look import LONGEST, measured, ringing_now, ringing_then, state_of
from workerless.cli.output import people, print_json, safe
from workerless.cli.setting import Setting, setting_of
from workerless.local import template
from workerless.local.bell import Bell
from workerless.local.deploy import STAGE

_MINUTE = 60
# After a minute's end, for lines of invocations that ended with it.
_LATE = 5
_WATCH = "Look each minute, and tell what changes, until Ctrl-C."


def alarms(
    ctx: typer.Context,
    job_type: Annotated[
        str | None, typer.Argument(metavar="[TYPE]", help="Of one job type alone.")
    ] = None,
    ringing: Annotated[bool, typer.Option("--ringing", help="Only those that ring.")] = False,  # noqa: FBT002 -- an option
    watch: Annotated[bool, typer.Option("--watch", help=_WATCH)] = False,  # noqa: FBT002 -- an option
) -> None:
    """Show the alarms that the stage would have on AWS, on what the local cloud measured."""
    setting = setting_of(ctx)
    prefix = _prefix(setting, job_type) if job_type else ""
    if watch:
        _watch(setting, prefix, ringing=ringing)
    found = ringing_now(setting, measured(setting, LONGEST))
    _show(setting, [one for one in _of(found, prefix) if one.rings or not ringing])


def _prefix(setting: Setting, job_type: str) -> str:
    """What the names of its alarms begin with. A word that none has is no job type that is well."""
    prefix = f"{naming.resource(STAGE, job_type)}-"
    cloud = setting.cloud()
    cloud.running()
    if not any(name.startswith(prefix) for name in template.alarms(cloud.directory).by_name):
        raise CommandError(
            f"type must be one that is deployed with alarms, got {job_type!r}; "
            "`workerless local status` lists them",
            ExitCode.NOT_FOUND,
        )
    return prefix


def _watch(setting: Setting, prefix: str, *, ringing: bool) -> None:
    """Each minute once, as CloudWatch does: some alarms want to be breached five times."""
    before = _of(ringing_then(setting, measured(setting, LONGEST), {}), prefix)
    _show(setting, [one for one in before if one.rings or not ringing])
    while True:
        now = setting.world.now().timestamp()
        setting.world.sleep(_MINUTE - (now - _LATE) % _MINUTE)
        known = {one.name: one.state for one in before if one.state}
        after = _of(ringing_then(setting, measured(setting, LONGEST), known), prefix)
        was = {one.name: one for one in before}
        for one in after:
            old = was.get(one.name)
            if old and old.state is not one.state and (one.rings or old.rings or not ringing):
                _tell(setting, old, one)
        before = after


def _of(found: Sequence[Bell], prefix: str) -> Sequence[Bell]:
    return [one for one in found if one.name.startswith(prefix)]


def _show(setting: Setting, found: Sequence[Bell]) -> None:
    if setting.as_json:
        print_json([{"name": one.name, "state": state_of(one)} for one in found])
        return
    if not found:
        people().print("none")
        return
    print_table(people(), ("alarm", "state"), [(one.name, state_of(one)) for one in found])
    for one in found:
        if one.rings:
            people().print()
            people().print(safe(f"{one.name}: {one.description}"))


def _tell(setting: Setting, old: Bell, new: Bell) -> None:
    at = setting.world.now()
    if setting.as_json:
        states = {"before": state_of(old), "state": state_of(new)}
        print_json({"at": at, "name": new.name, **states})
        return
    people().print(safe(f"{at:%H:%M:%S} {new.name}: {state_of(old)} -> {state_of(new)}"))
    if new.rings:
        people().print(safe(new.description))
