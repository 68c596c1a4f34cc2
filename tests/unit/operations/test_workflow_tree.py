"""Trees: how much is read for one, and what is told of the rest."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from tests.unit.orchestration.mill import grind
from workerless import Workflow, chain, group, step
from workerless.operations.workflow_tree import MOST_JOBS, MOST_PAGES, MOST_PARTS, read_tree
from workerless.orchestration.world import Orchestra
from workerless.picture.svg import svg
from workerless.picture.word import figures
from workerless.run_tree import Tree
from workerless.workflow.batch import BatchControl, write_batch
from workerless.workflow.build import Part
from workerless.workflow.compiling import definition_of
from workerless.workflow.control import Control, write_control
from workerless.workflow.definition import Definition, Kind, OnFailure
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow_ports import Container, Page

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = 100


@dataclass(kw_only=True)
class Endless:
    """Containers of which every part has begun; a batch has so many pages."""

    root: Definition
    pages: int = 0
    looked_into: list[str] = field(default_factory=list)
    pages_read: int = 0

    def read_many(self, ids: Sequence[str]) -> list[Container | None]:
        self.looked_into += ids
        return [self.container(one) for one in ids]

    def read_pages(self, container_id: str, pages: Sequence[str]) -> list[Page | None]:
        self.pages_read += len(pages)
        done = Mark(generation=1, state=SlotState.COMPLETED, at=NOW)
        return [Page(page=one, size=1, opened_at=NOW, marks={"0": done}) for one in pages]

    def container(self, container_id: str) -> Container:
        part = self.root
        for slot in container_id.split(".1:")[1:]:
            inner = part.by_name[slot].part
            assert isinstance(inner, Definition)
            part = inner
        started = Mark(generation=1, state=SlotState.STARTED, at=NOW)
        is_batch = part.kind is Kind.BATCH
        of_batch = write_batch(BatchControl(on_failure=OnFailure.CONTINUE))
        return Container(
            container_id=container_id,
            name=part.name,
            kind=part.kind,
            state="running",
            control=json.dumps(of_batch if is_batch else write_control(Control())),
            created_at=NOW,
            updated_at=NOW,
            total=self.pages or len(part.nodes),
            marks={} if is_batch else {f"1:{node.name}": started for node in part.nodes},
            pages={f"p{number}": 1 for number in range(self.pages)} if is_batch else {},
        )


@dataclass(kw_only=True)
class World:
    """All that a tree asks of one."""

    containers: Endless

    @property
    def store(self) -> "World":
        return self

    def get_many(self, ids: Sequence[str]) -> list[None]:
        """No job tells how far it is; more than a hundred are not asked."""
        assert len(ids) <= MOST_JOBS
        return [None] * len(ids)

    def definition(self, container: Container) -> Definition:
        return self.containers.root


def tree_in(endless: Endless) -> Tree:
    world = World(containers=endless)
    return read_tree(endless.container("run"), cast("Orchestra", world))


def a_workflow(part: Part) -> Definition:
    steps = [step(f"s{number}", part) for number in range(STEPS)]
    return definition_of(Workflow("wide", *steps))


def test_tree_looks_into_500_parts_the_nearest_first_and_tells_of_the_rest() -> None:
    six = group(*(chain(grind.with_(n=number)) for number in range(6)))
    endless = Endless(root=a_workflow(six))

    tree = tree_in(endless)

    assert len(endless.looked_into) == MOST_PARTS
    assert tree.left_out == STEPS + STEPS * 6 - MOST_PARTS
    assert all(one.part and one.part.is_whole for one in tree.branches)
    assert "200 parts not looked into" in svg(tree)


def test_pages_of_batches_in_a_tree_are_bounded() -> None:
    many = group(*(grind.with_(n=number) for number in range(101)))
    endless = Endless(root=a_workflow(many), pages=300)

    tree = tree_in(endless)

    told = [figures(one.part) for one in tree.branches if one.part]
    whole = [one for one in told if one == ["300 of 300 completed"]]
    assert endless.pages_read <= MOST_PAGES
    assert len(whole) == MOST_PAGES // 300
    assert tree.left_out == STEPS - len(whole)
    assert told[-1] == ["101 members, not counted"]
