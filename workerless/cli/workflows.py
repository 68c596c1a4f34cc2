"""``workerless workflows``: how they stand, in words and as a picture, cancel, have one go on."""

from pathlib import Path
from typing import Annotated

import typer

from workerless.cli.confirm import Yes, confirm
from workerless.cli.failure import CommandError
from workerless.cli.output import people, print_json, safe
from workerless.cli.setting import setting_of
from workerless.cli.workflow_view import print_tree, print_workflow, print_workflows
from workerless.operations.workflow_service import Listed
from workerless.picture.mermaid import mermaid
from workerless.picture.svg import svg
from workerless.run_status import RunStatus
from workerless.workflow.definition import Kind

commands = typer.Typer(
    help="Workflows and batches: how they stand, a picture, cancel, have one go on.",
    add_completion=False,
)
WorkflowId = Annotated[str, typer.Argument(metavar="ID", help="Of a workflow, a batch, or a part.")]


@commands.command("list")
def list_workflows(
    ctx: typer.Context,
    *,
    state: Annotated[Listed, typer.Option(help="How they stand.")] = Listed.RUNNING,
    kind: Annotated[Kind, typer.Option(help="What to list.")] = Kind.WORKFLOW,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the last page ended.")] = None,
) -> None:
    """List those in one state, the last changed first."""
    setting = setting_of(ctx)
    workflows = setting.operations().workflows
    page = workflows.list(kind=kind, state=state, limit=limit, cursor=cursor)
    if setting.as_json:
        told = [
            {
                "id": one.container_id,
                "name": one.name,
                "kind": one.kind,
                "state": one.state,
                "tenant": one.tenant,
                "description": one.description,
                "tags": one.tags,
                "member_of": one.member_of,
                "created_at": one.created_at,
                "updated_at": one.updated_at,
                "ended_at": one.ended_at,
            }
            for one in page.found
        ]
        print_json({"workflows": told, "cursor": page.cursor})
        return
    print_workflows(people(), page.found)
    if page.cursor:
        people(stderr=True).print(safe(f"more: --cursor '{page.cursor}'"))


@commands.command()
def show(ctx: typer.Context, workflow: WorkflowId) -> None:
    """Show one: how it stands, and each of its steps."""
    _told(ctx, setting_of(ctx).operations().workflows.show(workflow))


@commands.command()
def tree(ctx: typer.Context, workflow: WorkflowId) -> None:
    """Show one with all parts within, as far as 500 of them go."""
    setting = setting_of(ctx)
    found = setting.operations().workflows.tree(workflow)
    if setting.as_json:
        print_json(found)
    else:
        print_tree(people(), found)


@commands.command()
def picture(
    ctx: typer.Context,
    workflow: WorkflowId,
    *,
    as_mermaid: Annotated[
        bool, typer.Option("--mermaid", help="Text for Mermaid, no SVG.")
    ] = False,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The file to write.")] = None,
) -> None:
    """Draw one with all parts within, as it stands: SVG on stdout, or in a file."""
    setting = setting_of(ctx)
    found = setting.operations().workflows.tree(workflow)
    drawn = mermaid(found) if as_mermaid else svg(found)
    if out is None:
        _print(drawn, as_json=setting.as_json)
        return
    try:
        out.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--out must be a file that can be written: {error}") from error
    if setting.as_json:
        print_json({"workflow": workflow, "file": str(out)})


@commands.command()
def cancel(
    ctx: typer.Context,
    workflow: WorkflowId,
    *,
    why: Annotated[str, typer.Option(help="Why, for whoever wonders; must be said.")],
    compensate: Annotated[
        bool, typer.Option("--compensate/--no-compensate", help="Make good what it did.")
    ] = True,
    yes: Yes = False,
) -> None:
    """Have it end: what waits is called off, what runs is asked to, what it did is made good."""
    setting = setting_of(ctx)
    workflows = setting.operations().workflows
    found = workflows.show(workflow)
    done = f"{found.completed:,} of {found.total:,} completed"
    confirm(setting, f"Cancel {workflow} ({found.name}, {found.state}, {done})?", yes=yes)
    _told(ctx, workflows.cancel(workflow, why=why, compensate=compensate))


@commands.command()
def retry(
    ctx: typer.Context,
    workflow: WorkflowId,
    steps: Annotated[
        list[str] | None, typer.Argument(metavar="[STEP]...", help="Steps to begin anew, too.")
    ] = None,
    *,
    whole: Annotated[bool, typer.Option("--all", help="Begin anew with every step.")] = False,
    why: Annotated[str | None, typer.Option(help="Why, for the audit.")] = None,
) -> None:
    """Have one that ended other than completed go on: what failed begins anew, in any case."""
    if whole and steps:
        raise CommandError("say either --all or steps, got both")
    workflows = setting_of(ctx).operations().workflows
    _told(ctx, workflows.retry(workflow, steps=None if whole else steps or (), why=why))


def _told(ctx: typer.Context, status: RunStatus) -> None:
    if setting_of(ctx).as_json:
        print_json(status)
    else:
        print_workflow(people(), status)


def _print(drawn: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"picture": drawn})
    else:
        typer.echo(drawn, nl=False)
