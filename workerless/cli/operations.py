"""``workerless operations``: many jobs at once, as things of their own."""

from typing import Annotated

import typer

from workerless.cli.confirm import Yes, confirm
from workerless.cli.operation_follow import begun, follow
from workerless.cli.operation_view import print_operation, print_operations, told
from workerless.cli.output import people, print_json, safe
from workerless.cli.search_option import Cursor, Limit
from workerless.cli.setting import setting_of

commands = typer.Typer(
    help="Bulk operations: what runs, how far, abort, resume.", add_completion=False
)

OperationId = Annotated[str, typer.Argument(metavar="ID", help="Id of the operation.")]


@commands.command("list")
def list_operations(ctx: typer.Context, limit: Limit = 50, cursor: Cursor = None) -> None:
    """List operations, the newest first."""
    setting = setting_of(ctx)
    sheet = setting.operations().bulk.list(limit=limit, cursor=cursor)
    if setting.as_json:
        operations = [told(one) for one in sheet.items]
        print_json({"operations": operations, "cursor": sheet.cursor})
        return
    if sheet.items:
        print_operations(people(), sheet.items)
    else:
        people(stderr=True).print("no operations")
    if sheet.cursor:
        people(stderr=True).print(f"more: --cursor {safe(sheet.cursor)}")


@commands.command()
def show(ctx: typer.Context, operation_id: OperationId) -> None:
    """Show an operation: what it does, how far it is, how it ended."""
    setting = setting_of(ctx)
    operation = setting.operations().bulk.get(operation_id)
    if setting.as_json:
        print_json(told(operation))
    else:
        print_operation(people(), operation)


@commands.command()
def watch(ctx: typer.Context, operation_id: OperationId) -> None:
    """Follow an operation to its end; exit 1 unless it is done, and every job with it."""
    setting = setting_of(ctx)
    bulk = setting.operations().bulk
    follow(setting, bulk, bulk.get(operation_id))


@commands.command()
def abort(
    ctx: typer.Context,
    operation_id: OperationId,
    *,
    why: Annotated[str, typer.Option(help="Why, for the audit; must be said.")],
    yes: Yes = False,
) -> None:
    """Have an operation take no more jobs; what is done stays done, and it can be resumed."""
    setting = setting_of(ctx)
    bulk = setting.operations().bulk
    seen = bulk.get(operation_id)
    confirm(
        setting,
        f"abort the {seen.kind.value} of {seen.counts.total} jobs after {seen.counts.seen}?",
        yes=yes,
    )
    operation = bulk.abort(operation_id, why=why)
    if setting.as_json:
        print_json(told(operation))
    else:
        print_operation(people(), operation)


@commands.command()
def resume(
    ctx: typer.Context,
    operation_id: OperationId,
    *,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for its end.")] = False,
) -> None:
    """Have an operation that was stopped or aborted go on where it was."""
    setting = setting_of(ctx)
    begun(setting, setting.operations().bulk.resume(operation_id), detach=detach)
