"""Shapes of workflows to be simulated, each drawn anew from its dice.

A step's job says its step's name, and hands on the text of another's result.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from tests.simulation.job import SimulatedType
from workerless import OnFailure, Workflow, chain, chord, group, result_of, step
from workerless.frozen import replace
from workerless.workflow.build import Chain, Group, Part, Step
from workerless.workflow.call import Call
from workerless.workflow.compiling import definition_of
from workerless.workflow.definition import Definition, Kind, Node, Task

_DELAYS = (*(timedelta(0),) * 8, timedelta(seconds=30), timedelta(minutes=16))
# A payload, and so a result, that neither message nor record holds.
_BIG = 200_000
# Groups of that name are batches: small ones, that the dice may meet every fault of.
BATCH = "crowd"


@dataclass(slots=True, kw_only=True)
class Pen:
    """What writes one workflow down. ``given`` are the paddings of all jobs, by their texts."""

    job_type: SimulatedType
    rng: Random
    given: dict[str, str] = field(default_factory=dict)

    def job(self, name: str, *, takes: str | None = None, at: tuple[int, ...] = ()) -> Call:
        """One that takes the text of step ``takes``, at that place in the list of a group."""
        asked = result_of(takes) if takes else None
        for index in at:
            asked = asked[index] if asked is not None else None
        given = f"{takes}_{'_'.join(str(index + 1) for index in at)}".rstrip("_")
        self.given[name] = given if takes else "x" * self.rng.choice((*(0,) * 9, _BIG))
        padding = asked.text if asked is not None else self.given[name]
        call = self.job_type.with_(text=name, padding=padding)
        return call.options(delay=self.rng.choice(_DELAYS))

    def undo(self, name: str) -> Call:
        self.given[f"undo {name}"] = ""
        return self.job_type.with_(text=f"undo {name}", padding="")

    def step(self, name: str, *, takes: str | None = None, after: tuple[str, ...] = ()) -> Step:
        return step(name, self.job(name, takes=takes), after=after)

    def undone(self, name: str, *, takes: str | None = None) -> Step:
        return step(name, self.job(name, takes=takes), compensate=self.undo(name))

    def some(self, name: str, least: int = 2, most: int = 5) -> list[Step]:
        count = self.rng.randint(least, most)
        return [self.step(f"{name}_{number}") for number in range(1, count + 1)]

    def policy(self) -> OnFailure:
        return self.rng.choice(list(OnFailure))


def a_chain(pen: Pen) -> Chain:
    steps = [pen.step("one")]
    for name, before in (("two", "one"), ("three", "two"), ("four", "three")):
        steps.append(pen.step(name, takes=before))
    return chain(*steps)


def a_group(pen: Pen) -> Group:
    return group(*pen.some("side", 1), on_failure=pen.policy())


def a_chord(pen: Pen) -> Chain:
    side = step("side", group(*pen.some("side", 1, 6), name="side"))
    return chain(side, step("sum", pen.job("sum", takes="side", at=(0,))))


def a_diamond(pen: Pen) -> Workflow:
    """Two ways from the first to the last step; what fails on one of them may not matter."""
    return Workflow(
        "diamond",
        pen.step("first"),
        step("left", pen.job("left", takes="first"), on_failure=OnFailure.CONTINUE),
        step("right", pen.job("right", takes="first"), on_failure=OnFailure.IGNORE),
        pen.step("low", takes="left"),
        pen.step("far", after=("left", "right")),
        step("last", pen.job("last"), after=("right",), on_failure=pen.policy()),
        pen.step("end", after=("last", "low")),
    )


def a_nest(pen: Pen) -> Chain:
    """Three deep."""
    inner = chain(pen.step("inner_1"), pen.step("inner_2", takes="inner_1"), name="inner")
    middle = group(
        step("inner", inner),
        *pen.some("middle", 1, 3),
        step("pair", chord(pen.some("pair"), step("pair_sum", pen.job("pair_sum")))),
        name="middle",
        on_failure=pen.policy(),
    )
    return chain(pen.step("first"), step("middle", middle), pen.step("last", takes="first"))


def a_saga(pen: Pen) -> Workflow:
    """What it did is made good, also within its parts."""
    part = chain(pen.undone("pack"), pen.undone("label"), name="parcel")
    sides = group(pen.undone("mail"), pen.undone("post"), pen.step("note"), name="sides")
    return Workflow(
        "saga",
        pen.undone("reserve"),
        step("charge", pen.job("charge", takes="reserve"), compensate=pen.undo("charge")),
        step("parcel", part, after=("reserve",), compensate=pen.undo("parcel")),
        step("sides", sides, after=("charge",), on_failure=pen.rng.choice(list(OnFailure))),
        step(
            "notice",
            chain(*pen.some("notice", 1, 2), name="notice"),
            on_failure=pen.rng.choice((OnFailure.CONTINUE, OnFailure.IGNORE)),
        ),
        step("ship", pen.job("ship"), after=("parcel", "charge")),
        pen.step("confirm", after=("ship", "sides")),
    )


def a_crowd(pen: Pen) -> Chain:
    """A batch between two steps, filled in turns, of which some members are workflows."""
    inside = chain(pen.step("in_1"), pen.step("in_2", takes="in_1"), name="inside")
    members = [*pen.some(BATCH, 3, 7), step("inside", inside)]
    crowd = group(*members, name=BATCH, on_failure=pen.policy())
    return chain(pen.step("first"), step(BATCH, crowd), pen.step("last", takes="first"))


SHAPES: Mapping[str, Callable[[Pen], Part]] = {
    "chain": a_chain,
    "group": a_group,
    "chord": a_chord,
    "diamond": a_diamond,
    "nest": a_nest,
    "saga": a_saga,
    "crowd": a_crowd,
}


def any_shape(pen: Pen) -> Part:
    """One of all, or one in which things depend on each other at random."""
    draw = pen.rng.choice((*SHAPES.values(), a_thicket, a_thicket))
    return draw(pen)


def a_thicket(pen: Pen, depth: int = 3, prefix: str = "s") -> Workflow:
    steps: list[Step] = []
    for number in range(pen.rng.randint(1, 4)):
        name = f"{prefix}_{number}"
        is_nested = depth > 1 and pen.rng.random() < 0.3
        part = a_thicket(pen, depth - 1, name) if is_nested else pen.job(name)
        steps.append(
            step(
                name,
                part,
                after=[one.name for one in steps if pen.rng.random() < 0.4],
                on_failure=pen.rng.choices(list(OnFailure), [4, 1, 1])[0],
                compensate=pen.undo(name) if pen.rng.random() < 0.5 else None,
            )
        )
    return Workflow("thicket", *steps)


def definition(part: Part) -> Definition:
    """As it is stored; groups that are to be batches are."""
    return _with_batches(definition_of(part))


def _with_batches(made: Definition) -> Definition:
    kind = Kind.BATCH if made.name == BATCH else made.kind
    return replace(made, kind=kind, nodes=tuple(_node(node) for node in made.nodes))


def _node(node: Node) -> Node:
    part = node.part
    return node if isinstance(part, Task) else replace(node, part=_with_batches(part))
