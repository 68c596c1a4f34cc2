"""Runs to be pictured."""

from collections.abc import Mapping, Sequence

from workerless.run_tree import Branch, Tree
from workerless.workflow.definition import Kind
from workerless.workflow.standing import Standing


def a_tree(after: Mapping[str, Sequence[str]], **standings: Standing) -> Tree:
    """A run whose steps have completed, but for those told otherwise."""
    branches = tuple(
        Branch(
            name=name,
            standing=standings.get(name, Standing.COMPLETED),
            after=tuple(waits),
            id=f"run.1:{name}",
            job_type="job",
        )
        for name, waits in after.items()
    )
    return Tree(
        id="run",
        name="order",
        kind=Kind.WORKFLOW,
        state="running",
        total=len(branches),
        completed=len(branches) - len(standings),
        branches=branches,
    )


def a_batch(total: int, *, completed: int = 0, failed: int = 0) -> Tree:
    return Tree(
        id="all",
        name="all",
        kind=Kind.BATCH,
        state="running",
        total=total,
        completed=completed,
        failed=failed,
    )


def within(tree: Tree, name: str, standing: Standing = Standing.STARTED) -> Branch:
    """A step that is this part."""
    return Branch(name=name, standing=standing, id=tree.id, part=tree)
