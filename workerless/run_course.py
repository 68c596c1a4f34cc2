"""How far the running jobs of a workflow say they are, in its tree. Pure."""

import json
from collections.abc import Iterator, Mapping

from workerless.frozen import replace
from workerless.record import Record
from workerless.run_tree import Branch, Course, Tree
from workerless.workflow.standing import Standing


def at_work(tree: Tree) -> Iterator[str]:
    """The ids of jobs that have begun and not ended, those nearest to the root first."""
    level = [tree]
    while level:
        branches = [branch for one in level for branch in one.branches]
        yield from (one.id for one in branches if one.id and _is_at_work(one))
        level = [one.part for one in branches if one.part]


def course_of(record: Record) -> Course | None:
    """None of a job that tells nothing."""
    progress, checkpoint = record.progress, record.checkpoint
    if progress is None and checkpoint is None:
        return None
    return Course(
        percent=progress.percent if progress else None,
        doing=progress.step if progress else None,
        cursor=json.loads(checkpoint.cursor) if checkpoint else None,
        continuations=record.continuations,
    )


def with_courses(tree: Tree, courses: Mapping[str, Course]) -> Tree:
    """The same, telling these, by the ids of their jobs."""
    if not courses:
        return tree
    return replace(tree, branches=tuple(_told(one, courses) for one in tree.branches))


def _told(branch: Branch, courses: Mapping[str, Course]) -> Branch:
    if branch.part is not None:
        return replace(branch, part=with_courses(branch.part, courses))
    return replace(branch, course=courses.get(branch.id or ""))


def _is_at_work(branch: Branch) -> bool:
    return branch.part is None and branch.standing is Standing.STARTED
