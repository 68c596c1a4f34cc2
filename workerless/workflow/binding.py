"""From results to payloads: what the inputs of a job or a nested container become. Pure."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from workerless.frozen import replace
from workerless.workflow.definition import Definition, Gives, Input, Node, Path, Task

_MISSING = object()

type Results = Mapping[str | None, Any]
"""JSON data by step; under None the summary of a batch. A step that is not there gave none."""


def needs(part: Task | Definition) -> frozenset[str]:
    """The steps of the container around ``part`` whose results it takes, however deep within."""
    return frozenset(one.step for one in _inputs(part, 0) if one.step is not None)


def _inputs(part: Task | Definition, up: int) -> Iterator[Input]:
    if isinstance(part, Task):
        yield from (one for one in part.inputs if one.up == up)
        return
    for node in part.nodes:
        yield from _inputs(node.part, up + 1)
        if node.compensate is not None:
            yield from _inputs(node.compensate, up + 1)


def bind(part: Task | Definition, results: Results) -> Task | Definition:
    """``part`` with what it takes from the container around it in its place.

    A step that gave no result gives None, at any path; a result that has nothing at the path leaves
    the field of the payload out, so that the job's worker says what is missing.
    """
    return _bound(part, results, 0)


def _bound(part: Task | Definition, results: Results, up: int) -> Task | Definition:
    if isinstance(part, Task):
        return _filled(part, results, up)
    return replace(part, nodes=tuple(_bound_node(node, results, up + 1) for node in part.nodes))


def _bound_node(node: Node, results: Results, up: int) -> Node:
    made = node.compensate
    return replace(
        node,
        part=_bound(node.part, results, up),
        compensate=_filled(made, results, up) if made is not None else None,
    )


def _filled(task: Task, results: Results, up: int) -> Task:
    taken = [one for one in task.inputs if one.up == up]
    if not taken:
        return task
    data = copy.deepcopy(dict(task.data))
    for one in taken:
        _put(data, one.to, _pick(results.get(one.step), one.path))
    return replace(task, data=data, inputs=tuple(one for one in task.inputs if one.up != up))


def _put(data: Any, to: Path, value: Any) -> None:
    *way, last = to
    for key in way:
        data = data[key]
    if value is not _MISSING:
        data[last] = value
    elif isinstance(last, int):
        data[last] = None
    else:
        data.pop(last, None)


def _pick(value: Any, path: Path) -> Any:
    """What is at ``path``; a name on a list is that of each of its elements."""
    if value is None or not path:
        return value
    if isinstance(value, list) and isinstance(path[0], str):
        each = [_pick(one, path) for one in value]
        return [None if one is _MISSING else one for one in each]
    found = _at(value, path[0])
    return found if found is _MISSING else _pick(found, path[1:])


def _at(value: Any, key: str | int) -> Any:
    try:
        return value[key]
    except (LookupError, TypeError):
        return _MISSING


def assemble(definition: Definition, results: Mapping[str, Any]) -> Any:
    """The container's own result, of the results of its steps as JSON data.

    Of a group all in a list, in its order; of others that of the last step, or, where several steps
    are last, an object of theirs by name. None stands for a step that gave none.
    """
    names = result_steps(definition)
    if definition.gives is Gives.EACH:
        return [results.get(name) for name in names]
    if len(names) == 1:
        return results.get(names[0])
    return {name: results.get(name) for name in names}


def result_steps(definition: Definition) -> tuple[str, ...]:
    """The steps whose results are the container's."""
    if definition.gives is Gives.EACH:
        return tuple(node.name for node in definition.nodes)
    followed = {name for node in definition.nodes for name in node.after}
    return tuple(node.name for node in definition.nodes if node.name not in followed)
