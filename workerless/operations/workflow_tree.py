"""Reads a batch or workflow with all that lies in it, as far as a few seconds of reads go."""

from itertools import islice

from workerless.orchestration.world import Orchestra
from workerless.run_course import at_work, course_of, with_courses
from workerless.run_status import RunStatus, run_status
from workerless.run_tree import Tree, parts_begun, tree_of
from workerless.workflow.definition import Definition, Kind
from workerless.workflow_ports import Container

# More than anybody looks at; nearer ones come first.
MOST_PARTS = 500
# Of the batches within: two of the largest groups, or five hundred of the smallest.
MOST_PAGES = 2_000
# Jobs that run, which are asked how far they are; the others only run.
MOST_JOBS = 100
_READ_AT_ONCE = 100


def read_tree(container: Container, world: Orchestra) -> Tree:
    """As it stands now. Raises ``ResultMissingError``, ``StoreUnavailableError``."""
    if container.kind is Kind.BATCH:
        return tree_of(_status(container, None, world), None, {})
    definition = world.definition(container)
    status = _status(container, definition, world)
    tree = tree_of(status, definition, _parts(status, definition, world))
    ids = list(islice(at_work(tree), MOST_JOBS))
    records = world.store.get_many(ids) if ids else []
    told = {one.job_id: course_of(one) for one in records if one is not None}
    return with_courses(tree, {job_id: one for job_id, one in told.items() if one is not None})


def _parts(status: RunStatus, definition: Definition, world: Orchestra) -> dict[str, RunStatus]:
    """By id, of the parts that have begun: level by level, until it is enough."""
    found, level = dict[str, RunStatus](), dict(parts_begun(status, definition))
    parts, pages = MOST_PARTS, MOST_PAGES
    while level and parts:
        below = dict[str, Definition]()
        for container in _read(list(level)[:parts], world):
            parts -= 1
            if len(container.pages) > pages:
                continue
            pages -= len(container.pages)
            part = level[container.container_id]
            stands = found[container.container_id] = _status(container, part, world)
            below |= dict(parts_begun(stands, part))
        level = below
    return found


def _read(ids: list[str], world: Orchestra) -> list[Container]:
    reads = [ids[first : first + _READ_AT_ONCE] for first in range(0, len(ids), _READ_AT_ONCE)]
    return [one for read in reads for one in world.containers.read_many(read) if one is not None]


def _status(container: Container, definition: Definition | None, world: Orchestra) -> RunStatus:
    if container.kind is Kind.WORKFLOW:
        return run_status(container, definition, ())
    pages = world.containers.read_pages(container.container_id, list(container.pages))
    return run_status(container, None, pages)
