"""Following a bulk operation, which goes on in the cloud whoever follows it."""

from datetime import datetime, timedelta

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from workerless.cli.confirm import jobs
from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError
from workerless.cli.operation_view import print_operation, told
from workerless.cli.output import people, print_json, safe
from workerless.cli.setting import Setting
from workerless.ledger import Operation, Phase, Stand
from workerless.operations.service import Bulk

_LOOK_SECONDS = 0.5
# Whoever drives it may have died: the system function looks each minute, or when it is told to.
_IMPATIENT = timedelta(seconds=5)


def begun(setting: Setting, operation: Operation, *, detach: bool) -> None:
    """Show an operation that was just started, at its end unless ``detach``."""
    if not detach:
        follow(setting, setting.operations().bulk, operation)
        return
    if setting.as_json:
        print_json(told(operation))
        return
    people().print(operation.operation_id)
    people(stderr=True).print(
        f"it goes on by itself; follow it: workerless operations watch {operation.operation_id}"
    )


def follow(setting: Setting, bulk: Bulk, operation: Operation) -> None:
    """Show how it goes, and its end. Raises ``CommandError`` unless that is a good one.

    Ctrl-C ends the following only.
    """
    console = people(stderr=True)
    name = operation.operation_id
    try:
        ended = _watch(setting, bulk, operation, console)
    except KeyboardInterrupt as interrupt:
        raise CommandError(
            f"operation {name} goes on in the cloud; `workerless operations watch {name}` follows "
            f"it, `workerless operations abort {name} --why ...` ends it",
            ExitCode.INTERRUPTED,
        ) from interrupt
    if setting.as_json:
        print_json(told(ended))
    else:
        print_operation(people(), ended)
    if ended.stand is not Stand.DONE or ended.counts.failed:
        failed = ended.counts.failed
        parts = [
            f"operation {name} is {ended.stand.value}",
            *([ended.ended_because] if ended.ended_because else []),
            *([f"{jobs(failed)} could not be done"] if failed else []),
        ]
        raise CommandError("; ".join(parts), ExitCode.NOT_COMPLETED)


def _watch(setting: Setting, bulk: Bulk, operation: Operation, console: Console) -> Operation:
    """The operation once it does not run any more. Draws only on a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.fields[all]}"),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("starting", total=None, all="?")
        moved_at = setting.world.now()
        while operation.stand is Stand.RUNNING:
            _draw(progress, task, operation)
            setting.world.sleep(_LOOK_SECONDS)
            seen = bulk.get(operation.operation_id)
            moved_at = _kicked(setting, bulk, moved_at, has_moved=seen.version > operation.version)
            operation = seen
    return operation


def _kicked(setting: Setting, bulk: Bulk, moved_at: datetime, *, has_moved: bool) -> datetime:
    """When it moved last, or was told to."""
    now = setting.world.now()
    if has_moved:
        return now
    if now - moved_at < _IMPATIENT:
        return moved_at
    bulk.kick()
    return now


def _draw(progress: Progress, task: TaskID, operation: Operation) -> None:
    counts = operation.counts
    words = {
        Phase.JOBS: operation.kind.value,
        Phase.WATCH: f"canary, stage {operation.stage + 1}: looking how they end",
        Phase.LETTERS: "clearing the dead letters away",
    }
    progress.update(
        task,
        description=safe(words[operation.phase]),
        completed=counts.seen,
        total=max(counts.total, counts.seen, 1),
        all=f"{counts.total}{'+' if counts.at_least else ''}",
    )
