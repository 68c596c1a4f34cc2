"""How people see workflows and batches: many in a table, one in full, one with all within."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Console

from workerless.cli.job_view import print_table
from workerless.cli.output import compact, safe
from workerless.picture.word import course_words, figures, left_out, word_of
from workerless.run_status import RunStatus, StepStatus
from workerless.run_tree import Branch, Tree
from workerless.workflow.standing import Standing
from workerless.workflow_ports import Container

# Of a cursor, in a line; all of it is shown with its job.
_MAX_CURSOR = 80
_RARE = ("tenant", "part of", "description")
_STEP_HEADINGS = ("step", "stands", "since (UTC)", "epoch", "compensation", "id")


def print_workflows(console: Console, found: Sequence[Container]) -> None:
    """A line each; whose they are, and what they are part of, where any is."""
    rows = [
        {
            "id": one.container_id,
            "name": one.name,
            "began (UTC)": _stamp(one.created_at),
            "changed (UTC)": _stamp(one.updated_at),
            "tenant": one.tenant,
            "part of": (one.member_of or "").partition("/")[0],
            "description": one.description,
        }
        for one in found
    ]
    headings = [
        name
        for name in ("id", "name", "began (UTC)", "changed (UTC)", *_RARE)
        if name not in _RARE or any(row[name] for row in rows)
    ]
    print_table(console, headings, [[row[name] for name in headings] for row in rows])


def print_workflow(console: Console, status: RunStatus) -> None:
    """All that there is to say, and a line for each step."""
    done = f"{status.completed:,} of {status.total:,} completed"
    rows = {
        "id": status.id,
        "name": status.name,
        "state": status.state.replace("_", " "),
        "reason": status.reason,
        "done": f"{done}, {status.failed:,} failed, {status.cancelled:,} cancelled",
        "not undone": ", ".join(status.not_compensated),
        "part of": (status.member_of or "").partition("/")[0],
        "described": status.description,
        "tenant": status.tenant,
        "tags": ", ".join(status.tags),
        "began": f"{_stamp(status.created_at)} UTC",
        "ended": f"{_stamp(status.ended_at)} UTC" if status.ended_at else None,
    }
    for name, value in rows.items():
        if value:
            console.print(f"{name:<12}{safe(value)}")
    if status.steps:
        console.print()
        print_table(console, _STEP_HEADINGS, [_row(step) for step in status.steps])


def print_tree(console: Console, tree: Tree) -> None:
    """Steps below each other, those of a part within it."""
    state = tree.state.replace("_", " ")
    console.print(safe(f"{tree.name}  {state}, {', '.join(figures(tree))}"))
    for line in _below(tree, ""):
        console.print(line)
    if left := left_out(tree):
        console.print(f"{left}: ask for the tree of one of them")


def _below(tree: Tree, indent: str) -> Iterator[str]:
    width = max((len(one.name) for one in tree.branches), default=0)
    for number, branch in enumerate(tree.branches, 1):
        is_last = number == len(tree.branches)
        told = safe(f"{branch.name:<{width}}  {_told(branch)}")
        yield f"{indent}{'└─' if is_last else '├─'} {told}"
        if branch.part:
            yield from _below(branch.part, f"{indent}{'   ' if is_last else '│  '}")


def _told(branch: Branch) -> str:
    said = [word_of(branch), *(figures(branch.part) if branch.part else ()), *course_words(branch)]
    if branch.course and branch.course.doing:
        said.append(branch.course.doing)
    if branch.course and branch.course.cursor is not None:
        said.append(f"at {compact(branch.course.cursor)[:_MAX_CURSOR]}")
    if branch.compensation:
        said.append(f"compensation {_word(branch.compensation)}")
    return ", ".join(said) + (f"  {branch.id}" if branch.id else "")


def _row(step: StepStatus) -> tuple[object, ...]:
    return (
        step.name,
        _word(step.standing),
        _stamp(step.at) if step.at else None,
        step.epoch,
        _word(step.compensation) if step.compensation else None,
        step.member_id if step.at else None,
    )


def _word(standing: Standing) -> str:
    return standing.value.replace("_", " ")


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
