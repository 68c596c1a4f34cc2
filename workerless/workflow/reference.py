"""What a job of a workflow takes from others: the result of a step, or a part of it. Pure.

A reference stands where a value of a payload will be. It is none yet: nobody may ask what it says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Never

from workerless.workflow.definition import Path

_NO_VALUE = (
    "a result is known only once its step has run: pass it as a field of with_(...), "
    "and leave what is done with it to a job"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is referred to: ``path`` in the result of ``step``.

    ``step`` is None for the one before, and ``is_summary`` tells of the batch's summary instead.
    """

    step: str | None
    path: Path = ()
    is_summary: bool = False

    def __str__(self) -> str:
        name = "summary_of_batch" if self.is_summary else "result_of"
        way = "".join(f".{one}" if isinstance(one, str) else f"[{one}]" for one in self.path)
        return f"{name}({repr(self.step) if self.step else ''}){way}"


class Reference:
    """A value to be: any name and any index of it is a part of that value."""

    __slots__ = ("_source",)

    def __init__(self, source: Source) -> None:
        self._source = source

    def __getattr__(self, name: str) -> "Reference":
        if name.startswith("_"):  # what Python and its libraries ask of every object
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, key: str | int) -> "Reference":
        source = self._source
        path = (*source.path, key)
        return Reference(Source(step=source.step, path=path, is_summary=source.is_summary))

    def __repr__(self) -> str:
        return str(self._source)

    def __bool__(self) -> Never:
        raise TypeError(_NO_VALUE)

    def __iter__(self) -> Never:
        raise TypeError(_NO_VALUE)

    def __str__(self) -> Never:
        raise TypeError(_NO_VALUE)

    def __format__(self, _: str) -> Never:
        raise TypeError(_NO_VALUE)


def _refuse(*_: object) -> Never:
    raise TypeError(_NO_VALUE)


# Set, and not declared: to a type checker there is no such operator at all.
_BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "and", "or", "xor")
_COMPARING = ("eq", "ne", "lt", "le", "gt", "ge", "contains")
_OTHER = ("neg", "pos", "abs", "int", "float", "index", "round", "len", "call")
for _name in (*_BINARY, *(f"r{one}" for one in _BINARY), *_COMPARING, *_OTHER):
    setattr(Reference, f"__{_name}__", _refuse)


def result_of(step: str | None = None) -> Reference:
    """What the step of that name will give; in a chain, without a name, what the one before will.

    ``result_of("reserve").lines[0].sku`` is a part of it. The result of a group is a list, and a
    name on a list is that of each of its elements.
    """
    return Reference(Source(step=step))


def summary_of_batch() -> Reference:
    """For callbacks: what there is to say of their batch when they are decided on.

    ``batch_id``, ``description``, ``total``, ``completed``, ``failed`` and ``cancelled``.
    """
    return Reference(Source(step=None, is_summary=True))


def source_of(reference: Reference) -> Source:
    """What it refers to."""
    return reference._source  # noqa: SLF001 -- all other names of it are those of results


def taken(value: Any, to: Path = ()) -> Iterator[tuple[Path, Source]]:
    """The references in ``value``, and where in it they are."""
    if isinstance(value, Reference):
        yield to, source_of(value)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from taken(one, (*to, key))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from taken(one, (*to, number))


def with_holes(value: Any) -> Any:
    """``value`` with None for each reference."""
    if isinstance(value, Reference):
        return None
    if isinstance(value, dict):
        return {key: with_holes(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [with_holes(one) for one in value]
    return value
