"""Where each box and edge of a picture goes, in pixels. Pure.

Layers follow each other to the right, or downwards where that makes the longer side shorter.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from workerless.frozen import frozen, replace
from workerless.picture.layer import Layers, Place, in_layers
from workerless.picture.word import as_branch, lines_of, opens
from workerless.run_tree import Branch, Tree

WIDTH, LINE, PADDING, TITLE = 208, 17, 12, 26
_BETWEEN_LAYERS, _BESIDE, _BEND = 44, 16, 6
_PULLS = 6

type Point = tuple[float, float]


@frozen
class Box:
    """One step; ``inner`` is the picture of its part, its places those within the box."""

    branch: Branch
    x: float
    y: float
    width: float
    height: float
    inner: "Plan | None" = None


@frozen
class Plan:
    """``edges`` lead from box to box: straight, then curved to the next layer, and so on."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    edges: tuple[tuple[Point, ...], ...]
    is_down: bool = False


def plan_of(tree: Tree) -> Plan:
    """Of a run whose steps are shown; any other is one box."""
    branches = tree.branches if opens(tree) else (as_branch(tree),)
    boxes = {branch.name: _box(branch) for branch in branches}
    layers = in_layers({branch.name: branch.after for branch in branches})
    across, down = _laid(layers, boxes), _turned(_laid(layers, _flipped(boxes)))
    return min(across, down, key=lambda plan: max(plan.width, plan.height))


def _box(branch: Branch) -> Box:
    """At the corner; its place is found later."""
    if branch.part is None or not opens(branch.part):
        height = PADDING + LINE * len(lines_of(branch))
        return Box(branch=branch, x=0, y=0, width=WIDTH, height=height)
    inner, title = plan_of(branch.part), TITLE + LINE * len(lines_of(branch)[2:])
    return Box(
        branch=branch,
        x=0,
        y=0,
        width=max(WIDTH, inner.width + 2 * PADDING),
        height=inner.height + title + PADDING,
        inner=inner,
    )


def _laid(layers: Layers, boxes: Mapping[str, Box]) -> Plan:
    """To the right."""
    tops = _tops(layers, boxes)
    starts, ends, x = list[float](), list[float](), 0.0
    for layer in layers.layers:
        starts.append(x)
        x += max((boxes[one].width for one in layer if isinstance(one, str)), default=0)
        ends.append(x)
        x += _BETWEEN_LAYERS
    rank = {place: number for number, layer in enumerate(layers.layers) for place in layer}
    placed = {name: replace(box, x=starts[rank[name]], y=tops[name]) for name, box in boxes.items()}

    def through(place: Place) -> tuple[Point, ...]:
        """Where an edge comes in, and where it leaves: a small box has it leave by its layer."""
        if isinstance(place, str):
            box = placed[place]
            middle = box.y + box.height / 2
            return (box.x, middle), (box.x + box.width, middle), (ends[rank[place]], middle)
        return (starts[rank[place]], tops[place]), (ends[rank[place]], tops[place])

    edges = tuple(
        tuple(point for place in path for point in through(place))[1:-2] for path in layers.paths
    )
    return Plan(
        width=max(x - _BETWEEN_LAYERS, 0),
        height=max((box.y + box.height for box in placed.values()), default=0),
        boxes=tuple(placed.values()),
        edges=edges,
    )


def _tops(layers: Layers, boxes: Mapping[str, Box]) -> dict[Place, float]:
    """The upper ends: in the order of each layer, near to what they are joined with."""
    sizes: dict[Place, float] = {
        place: boxes[place].height if isinstance(place, str) else _BEND
        for layer in layers.layers
        for place in layer
    }
    near = defaultdict[Place, list[Place]](list)
    for path in layers.paths:
        for one, two in pairwise(path):
            near[one].append(two)
            near[two].append(one)
    middles = dict[Place, float]()
    for layer in layers.layers:
        middles |= _apart(layer, dict.fromkeys(layer, 0.0), sizes)
    for pull in range(_PULLS):
        for layer in layers.layers if pull % 2 == 0 else reversed(layers.layers):
            wanted = {
                one: sum(middles[two] for two in near[one]) / len(near[one])
                if near[one]
                else middles[one]
                for one in layer
            }
            middles |= _apart(layer, wanted, sizes)
    least = min((middles[one] - sizes[one] / 2 for one in middles), default=0)
    return {one: middles[one] - sizes[one] / 2 - least for one in middles}


def _apart(
    layer: Sequence[Place], wanted: Mapping[Place, float], sizes: Mapping[Place, float]
) -> dict[Place, float]:
    """Middles in this order, none on another: halfway between pushing down and pushing up."""
    pushed_down, pushed_up = dict[Place, float](), dict[Place, float]()
    end = float("-inf")
    for one in layer:
        pushed_down[one] = max(wanted[one], end + sizes[one] / 2)
        end = pushed_down[one] + sizes[one] / 2 + _BESIDE
    end = float("inf")
    for one in reversed(layer):
        pushed_up[one] = min(wanted[one], end - sizes[one] / 2)
        end = pushed_up[one] - sizes[one] / 2 - _BESIDE
    return {one: (pushed_down[one] + pushed_up[one]) / 2 for one in layer}


def _flipped(boxes: Mapping[str, Box]) -> dict[str, Box]:
    return {name: replace(box, width=box.height, height=box.width) for name, box in boxes.items()}


def _turned(plan: Plan) -> Plan:
    """The same downwards."""
    return Plan(
        width=plan.height,
        height=plan.width,
        boxes=tuple(
            replace(box, x=box.y, y=box.x, width=box.height, height=box.width) for box in plan.boxes
        ),
        edges=tuple(tuple((y, x) for x, y in edge) for edge in plan.edges),
        is_down=True,
    )
