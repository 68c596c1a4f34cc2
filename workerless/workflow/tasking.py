"""From a call to the task that is stored: where its inputs come from, and if they fit. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from workerless.errors import DeclarationError
from workerless.job_type import JobType
from workerless.workflow.call import Call
from workerless.workflow.definition import Input, Path, Task
from workerless.workflow.fit import (
    ANYTHING,
    Json,
    Shape,
    at,
    fields_of,
    fits,
    payload_schema,
    takes_none,
    told,
)
from workerless.workflow.payload_fields import converts, defaults, keys_by_field, missing
from workerless.workflow.reference import Source

SUMMARY = ("batch_id", "description", "total", "completed", "failed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The step that a part follows in a chain, ``up`` containers around it.

    Without a ``step`` it is not known yet what comes before, if anything does.
    """

    step: str | None = None
    up: int = 0
    shape: Shape = ANYTHING

    @property
    def within(self) -> "Before":
        """The same for a part of that part."""
        return Before(step=self.step, up=self.up + 1, shape=self.shape)


@dataclass(slots=True, kw_only=True)
class Around:
    """What a part may take results of: the steps around it, by how far they are away.

    ``is_open``: there may be more around that are not known yet.
    """

    shapes: dict[str, Shape] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    outer: "Around | None" = None
    is_open: bool = False

    def find(self, step: str) -> tuple[int, Shape] | None:
        """How many containers up the step is, and what it gives; None where it is not known."""
        around, up = self, 0
        while step not in around.own:
            if around.outer is None:
                return None
            around, up = around.outer, up + 1
        return up, around.shapes[step]

    @property
    def may_have_more(self) -> bool:
        return self.is_open or (self.outer is not None and self.outer.may_have_more)

    @property
    def names(self) -> list[str]:
        outer = self.outer.names if self.outer else []
        return [*sorted(self.shapes), *outer]


def task_of(whose: str, call: Call, around: Around, before: Before | None) -> Task:
    """The task of a call that follows ``before``, whose result fills in what was not given.

    Raises ``DeclarationError`` naming the step, the field and what is wrong.
    """
    inputs = _inputs(whose, call, around, before)
    return _task(whose, call, [*inputs, *_filled_in(whose, call, before)], before)


def compensation_of(
    whose: str, call: Call, around: Around, step: str, above: frozenset[str]
) -> Task:
    """The task that makes good what ``step`` did, of whose result nobody can be sure.

    It may take results of the step itself, of all that the step depended on, ``above``, and of what
    is around. Raises ``DeclarationError`` as ``task_of`` does.
    """
    allowed = {step, *above}
    for _, source in call.sources:
        if source.step in around.own and source.step not in allowed:
            raise DeclarationError(
                f"{whose}: {source} must be of the step itself or one before it "
                f"({', '.join(sorted(allowed))})"
            )
    own = Before(step=step, shape=around.shapes[step])
    for to, source in call.sources:
        if source.step in (None, step) and not _takes_none(call, to):
            raise DeclarationError(
                f"{whose}: {_way(to)} must take None, since a step that failed has no result and "
                f"may have done its work, got {source}; take what was known before the step"
            )
    return _task(whose, call, _inputs(whose, call, around, own), Before())


def callback_of(name: str, call: Call | JobType[Any, Any]) -> Task:
    """The task of a batch's callback. Raises ``DeclarationError`` as ``task_of`` does."""
    made = call.with_() if isinstance(call, JobType) else call
    whose = f"callback {name}"
    for _, source in made.sources:
        if not source.is_summary or source.path[:1] not in {(one,) for one in SUMMARY}:
            raise DeclarationError(
                f"{whose}: a callback takes fields of summary_of_batch() ({', '.join(SUMMARY)}), "
                f"got {source}"
            )
    inputs = [Input(to=to, step=None, path=source.path) for to, source in made.sources]
    return _task(whose, made, inputs, None)


def _inputs(whose: str, call: Call, around: Around, before: Before | None) -> Iterator[Input]:
    for to, source in call.sources:
        place = _place(whose, source, around, before)
        if place.step is None:
            continue  # only what will be around can tell
        try:
            given = at(place.shape, source.path)
        except LookupError as error:
            raise DeclarationError(f"{whose}: {source}: {error.args[0]}") from None
        _check_fit(whose, call, to, given, str(source))
        yield Input(to=to, step=place.step, up=place.up, path=source.path)


def _place(whose: str, source: Source, around: Around, before: Before | None) -> Before:
    if source.is_summary:
        raise DeclarationError(f"{whose}: {source} is for callbacks of batches")
    if source.step is None:
        if before is None:
            raise DeclarationError(
                f"{whose}: {source} is of the step before, and there is none; name a step"
            )
        return before
    if found := around.find(source.step):
        return Before(step=source.step, up=found[0], shape=found[1])
    if not around.may_have_more:
        raise DeclarationError(
            f"{whose}: {source} must name a step ({', '.join(around.names) or 'there are none'})"
        )
    return Before()


def _filled_in(whose: str, call: Call, before: Before | None) -> Iterator[Input]:
    """What was not given, and the step before gives under the same name."""
    if before is None or before.step is None or call.is_whole:
        return
    known, given = fields_of(before.shape), _given(call)
    for keys in keys_by_field(call.job_type.payload).values():
        key = next((one for one in keys if one in known), None)
        if key is not None and not given & set(keys):
            source = Source(step=before.step, path=(key,))
            _check_fit(whose, call, (key,), at(before.shape, (key,)), str(source))
            yield Input(to=(key,), step=before.step, up=before.up, path=(key,))


def _given(call: Call) -> set[str]:
    return {*call.data, *(str(to[0]) for to, _ in call.sources)}


def _task(whose: str, call: Call, inputs: Iterable[Input], before: Before | None) -> Task:
    job_type, found = call.job_type, tuple(inputs)
    given = {*_given(call), *(str(one.to[0]) for one in found)}
    is_known = before is None or before.step is not None
    lacking = missing(job_type.payload, given) if is_known and not call.is_whole else []
    if lacking:
        raise DeclarationError(
            f"{whose}: {job_type.payload.__name__} needs {lacking[0]}, which neither with_() nor a "
            f"step before gives; say {job_type.name}.with_({lacking[0]}=...)"
        )
    holes = {to[0] for to, _ in call.sources if len(to) == 1}
    data = {key: value for key, value in call.data.items() if key not in holes}
    added = {} if call.is_whole else defaults(job_type.payload, given)
    return Task(
        job_type=job_type.name,
        version=job_type.version,
        attempts=call.attempts or job_type.retry.attempts,
        data={**added, **data},
        inputs=found,
        search_keys=job_type.search_keys,
        lane=call.lane,
        delay=call.delay,
        expires_in=call.expires_in,
        tags=call.tags,
        max_depth=job_type.max_depth,
    )


def _check_fit(whose: str, call: Call, to: Path, given: Shape, source: str) -> None:
    wanted = _wanted(call, to)
    if wanted is not None and not fits(given, wanted):
        raise DeclarationError(
            f"{whose}: {_way(to)} takes {told(wanted)}, and {source} is {told(given)}"
        )


def _takes_none(call: Call, to: Path) -> bool:
    wanted = _wanted(call, to)
    return wanted is None or takes_none(wanted)


def _wanted(call: Call, to: Path) -> Json | None:
    """What the field takes; None where only the worker can tell."""
    model, key = call.job_type.payload, str(to[0])
    if len(to) > 1 or converts(model, key):
        return None
    schema = payload_schema(model)
    return Json(schema.get("properties", {}).get(key, {}), schema.get("$defs", {}))


def _way(to: Path) -> str:
    return ".".join(str(one) for one in to)
