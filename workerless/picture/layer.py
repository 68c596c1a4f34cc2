"""Steps in layers: each in the one after the last of those that it waits for. Pure.

An edge that passes layers goes through a *bend* in each of them, so that it crosses no step. The
order within layers is found by sweeps that put each by the middle of its neighbours.
Source: Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical system
structures", 1981.
"""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from workerless.frozen import frozen

_SWEEPS = 8

type Place = str | tuple[str, str, int]
"""A step's name; or the bend of the edge between two steps in one layer."""


@frozen
class Layers:
    """``paths`` are the edges, each from step to step by its bends."""

    layers: tuple[tuple[Place, ...], ...]
    paths: tuple[tuple[Place, ...], ...]


def in_layers(after: Mapping[str, Sequence[str]]) -> Layers:
    """``after``: what each step waits for; each stands after all of these."""
    edges = [(one, name) for name, waits in after.items() for one in shortest(waits, after)]
    ranks = dict[str, int]()
    for name, waits in after.items():
        ranks[name] = 1 + max((ranks[one] for one in waits), default=-1)
    layers: list[list[Place]] = [[] for _ in range(1 + max(ranks.values(), default=-1))]
    for name, rank in ranks.items():
        layers[rank].append(name)
    paths = list[tuple[Place, ...]]()
    for first, last in edges:
        bends: list[Place] = [(first, last, rank) for rank in range(ranks[first] + 1, ranks[last])]
        for rank, bend in enumerate(bends, ranks[first] + 1):
            layers[rank].append(bend)
        paths.append((first, *bends, last))
    _untangle(layers, paths)
    return Layers(layers=tuple(map(tuple, layers)), paths=tuple(paths))


def shortest(waits: Sequence[str], after: Mapping[str, Sequence[str]]) -> list[str]:
    """Those of ``waits`` that none of the others waits for: the rest goes without saying."""
    implied, look = set[str](), [two for one in waits for two in after[one]]
    while look:
        one = look.pop()
        if one not in implied:
            implied.add(one)
            look.extend(after[one])
    return [one for one in waits if one not in implied]


def crossings(layers: Layers) -> int:
    """How many pairs of edges cross each other."""
    at = {place: number for layer in layers.layers for number, place in enumerate(layer)}
    by_layer = defaultdict[int, list[tuple[int, int]]](list)
    rank = {place: number for number, layer in enumerate(layers.layers) for place in layer}
    for path in layers.paths:
        for one, two in pairwise(path):
            by_layer[rank[one]].append((at[one], at[two]))
    return sum(_inversions(edges) for edges in by_layer.values())


def _inversions(edges: Iterable[tuple[int, int]]) -> int:
    """How many pairs are in the one order at their beginning, in the other at their end."""
    ends, found = list[int](), 0
    for _, end in sorted(edges):
        found += len(ends) - bisect_right(ends, end)
        insort(ends, end)
    return found


def _untangle(layers: list[list[Place]], paths: Sequence[Sequence[Place]]) -> None:
    before, behind = defaultdict[Place, list[Place]](list), defaultdict[Place, list[Place]](list)
    for path in paths:
        for one, two in pairwise(path):
            before[two].append(one)
            behind[one].append(two)
    best, least = [list(one) for one in layers], _tangles(layers, paths)
    for sweep in range(_SWEEPS):
        order = range(1, len(layers)) if sweep % 2 == 0 else range(len(layers) - 2, -1, -1)
        near, step = (before, -1) if sweep % 2 == 0 else (behind, 1)
        for rank in order:
            at = {place: number for number, place in enumerate(layers[rank + step])}
            _sort(layers[rank], at, near)
        if (found := _tangles(layers, paths)) < least:
            best, least = [list(one) for one in layers], found
    layers[:] = best


def _sort(
    layer: list[Place], at: Mapping[Place, int], near: Mapping[Place, Sequence[Place]]
) -> None:
    """By the middle of the neighbours; what has none stays about where it is."""
    middles = {
        place: sum(at[one] for one in near[place]) / len(near[place]) if near.get(place) else number
        for number, place in enumerate(layer)
    }
    layer.sort(key=lambda place: middles[place])


def _tangles(layers: Sequence[Sequence[Place]], paths: Sequence[Sequence[Place]]) -> int:
    told = Layers(layers=tuple(map(tuple, layers)), paths=tuple(map(tuple, paths)))
    return crossings(told)
