"""From what an author wrote to what is stored, and all that can be said against it. Pure."""

from workerless.errors import DeclarationError
from workerless.frozen import replace
from workerless.payload import canonical_json
from workerless.workflow.binding import result_steps
from workerless.workflow.build import Asked, Chain, Group, Step, Workflow, chain
from workerless.workflow.call import Call
from workerless.workflow.compensation import ancestors
from workerless.workflow.definition import (
    MAX_DEFINITION_BYTES,
    MAX_DEPTH,
    MAX_MEMBERS,
    MAX_STEPS,
    Definition,
    Gives,
    Kind,
    Node,
    Task,
    compensates,
    depth_of,
)
from workerless.workflow.fit import ANYTHING, Each, Named, Shape, shape_of
from workerless.workflow.ordering import Container, edges, in_order, steps_of
from workerless.workflow.tasking import Around, Before, compensation_of, task_of
from workerless.workflow.wire import write_definition


def definition_of(part: Asked | Step) -> Definition:
    """What is stored of a workflow; a job by itself is a chain of one.

    Raises ``DeclarationError`` for the first thing that is wrong with it.
    """
    whole = part if isinstance(part, Chain | Group | Workflow) else chain(part)
    definition, _ = _container(whole, None, None)
    _check_depth(definition)
    size_bytes = len(canonical_json(write_definition(definition)))
    if size_bytes > MAX_DEFINITION_BYTES:
        raise DeclarationError(
            f"{definition.name}: a workflow must be at most {MAX_DEFINITION_BYTES} bytes as JSON, "
            f"got {size_bytes}; a batch may grow while it runs"
        )
    return definition


def check(part: Container) -> None:
    """Raises ``DeclarationError`` for what is wrong with it wherever it may stand."""
    if isinstance(part, Workflow):
        known = dict.fromkeys(part.takes, ANYTHING)
        outer = Around(own=frozenset(known), shapes=dict(known))
    else:
        outer = Around(is_open=True)
    definition, _ = _container(part, outer, Before())
    _check_depth(definition)


def _check_depth(definition: Definition) -> None:
    if (depth := depth_of(definition)) > MAX_DEPTH:
        raise DeclarationError(
            f"{definition.name}: parts must be nested at most {MAX_DEPTH} deep, got {depth}"
        )


def _container(
    part: Container, outer: Around | None, before: Before | None
) -> tuple[Definition, Shape]:
    """``part`` within ``outer``, after ``before`` as its steps see that."""
    steps = steps_of(part)
    waits = edges(part, steps)
    around = Around(own=frozenset(waits), outer=outer)
    first = None if isinstance(part, Workflow) else before
    nodes: list[Node] = []
    for one in in_order(part.name, steps, waits):
        follows = first
        if isinstance(part, Chain) and nodes:
            last = nodes[-1].name
            follows = Before(step=last, shape=around.shapes[last])
        made, around.shapes[one.name] = _part(one, around, follows)
        nodes.append(
            Node(
                name=one.name,
                part=made,
                after=waits[one.name],
                on_failure=one.on_failure or part.on_failure,
            )
        )
    definition = _with_compensations(part, nodes, steps, around)
    _check_size(definition)
    return definition, _shape(part, definition, around.shapes)


def _part(step: Step, around: Around, before: Before | None) -> tuple[Task | Definition, Shape]:
    part = step.part
    if isinstance(part, Call):
        return task_of(f"step {step.name}", part, around, before), shape_of(part.job_type.result)
    return _container(part, around, before and before.within)


def _with_compensations(
    part: Container, nodes: list[Node], steps: list[Step], around: Around
) -> Definition:
    calls = {one.name: one.compensate for one in steps if one.compensate}
    definition = Definition(
        name=part.name,
        kind=Kind.WORKFLOW,
        nodes=tuple(nodes),
        gives=Gives.EACH if isinstance(part, Group) else Gives.LAST,
    )
    above = ancestors(definition) if calls else {}
    whole = tuple(
        replace(
            node,
            compensate=compensation_of(
                f"compensation of step {node.name}", call, around, node.name, above[node.name]
            ),
        )
        if (call := calls.get(node.name))
        else node
        for node in nodes
    )
    definition = replace(definition, nodes=whole)
    is_batch = isinstance(part, Group) and len(nodes) > MAX_STEPS
    return replace(definition, kind=Kind.BATCH) if is_batch else definition


def _check_size(definition: Definition) -> None:
    count, name = len(definition.nodes), definition.name
    if definition.kind is Kind.BATCH:
        _check_batch(definition)
    elif count > MAX_STEPS or (definition.gives is Gives.LAST and not count):
        raise DeclarationError(
            f"{name}: steps must be 1 to {MAX_STEPS}, got {count}; parts may be nested"
        )


def _check_batch(definition: Definition) -> None:
    """So many members are counted, not looked at one by one: what needs that is for few."""
    count, whose = (
        len(definition.nodes),
        f"{definition.name}: a group of more than {MAX_STEPS} parts",
    )
    if count > MAX_MEMBERS:
        raise DeclarationError(f"{whose} has at most {MAX_MEMBERS}, got {count}")
    if compensates(definition):
        raise DeclarationError(f"{whose} must have no compensations in it; make groups of it")
    if len({node.on_failure for node in definition.nodes}) > 1:
        raise DeclarationError(f"{whose} must have one on_failure for all; make groups of it")


def _shape(part: Container, definition: Definition, shapes: dict[str, Shape]) -> Shape:
    names = result_steps(definition)
    if isinstance(part, Group):
        return Each(tuple(shapes[name] for name in names))
    if len(names) == 1:
        return shapes[names[0]]
    return Named({name: shapes[name] for name in names})
