"""The tree of a workflow tells how far its running jobs are: progress, cursor, continuations."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from workerless import Continue, JobType, Payload, chain, group
from workerless.cli.workflow_view import print_tree
from workerless.execution.context import JobContext
from workerless.http.view_of_workflow import tree_shape
from workerless.operations.workflow_tree import read_tree
from workerless.picture.word import lines_of
from workerless.run_tree import Branch, Course, Tree
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker


class Walk(Payload):
    """Goes on and on."""

    name: str


walk = JobType(name="walk", payload=Walk, cursor=dict[str, int])
quiet = JobType(name="quiet", payload=Walk)


@pytest.fixture
def stage() -> Iterator[InMemoryStage]:
    @worker(walk)
    def perform(order: Walk, job: JobContext[dict[str, int]]) -> None:
        row = (job.cursor or {"row": 0})["row"] + 1
        job.progress(10 * row, f"{row} rows")
        raise Continue({"row": row})

    with InMemoryStage(perform, quiet) as made:
        yield made


def tree_of(stage: InMemoryStage, part: Any) -> Tree:
    run = stage.client.start(part, workflow_id="w")
    stage.drain(limit=8)
    (container,) = stage.doubles.store.containers.read_many([run.id])
    assert container is not None
    return read_tree(container, stage.doubles.orchestra())


def branch_of(tree: Tree) -> Branch:
    return tree.branches[0]


def test_running_job_tells_how_far_it_is(stage: InMemoryStage) -> None:
    tree = tree_of(stage, chain(walk.with_(name="a"), walk.with_(name="b")))

    first, second = tree.branches
    assert first.course
    row = first.course.cursor["row"]
    assert first.course == Course(
        percent=10 * row, doing=f"{row} rows", cursor={"row": row}, continuations=row
    )
    assert row > 1
    assert second.course is None


def test_people_and_programs_are_told_alike(stage: InMemoryStage) -> None:
    tree = tree_of(stage, chain(walk.with_(name="a"), walk.with_(name="b")))
    row = branch_of(tree).course.cursor["row"]  # type: ignore[union-attr]

    shown = StringIO()
    print_tree(Console(file=shown, width=200), tree)
    told = (
        f'started, {10 * row} %, continued {row} times, {row} rows, at {{"row": {row}}}  w.1:walk'
    )
    assert told in shown.getvalue()
    assert lines_of(branch_of(tree))[1:] == ("started", f"{10 * row} %", f"continued {row} times")
    branches = tree_shape(tree).model_dump(mode="json", by_alias=True)["branches"]
    assert branches[0]["course"] == {
        "percent": 10 * row,
        "doing": f"{row} rows",
        "cursor": {"row": row},
        "continuations": row,
    }
    assert branches[1]["course"] is None


def test_job_within_a_part_does_too_and_one_that_tells_nothing_has_none(
    stage: InMemoryStage,
) -> None:
    tree = tree_of(stage, chain(group(walk.with_(name="a"), quiet.with_(name="b"))))

    part = branch_of(tree).part
    assert part
    long, other = part.branches
    assert long.course
    assert other.course is None
