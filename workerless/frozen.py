"""The values that are made by the dozen for each job.

A frozen dataclass sets each of its attributes by a call, and ``dataclasses.replace`` asks for each
of them: a record costs five times, another made of it ten times what it does here, and an untracked
job took half as much again. So the type checker alone guards these values: it refuses to assign to
one, or to name a field it has not, and it reads all our code, tests included. What a team's own
code is handed is frozen at run time too, by ``dataclass(frozen=True)``.
"""

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, cast, dataclass_transform

if TYPE_CHECKING:
    from dataclasses import replace
else:

    def replace(value: Any, /, **changes: Any) -> Any:
        """Another ``value`` of a class that is ``frozen`` here, with these fields changed."""
        made = object.__new__(type(value))
        made.__dict__ = value.__dict__ | changes  # copied as one, not name by name
        return made


__all__ = ["frozen", "replace"]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def frozen[T](cls: type[T]) -> type[T]:
    """A keyword-only dataclass that nobody may change; ``replace`` makes another.

    Defaults are known to ``__init__`` alone: as attributes of the class, where ``dataclass`` leaves
    them, they are looked up whenever one of a value is set or read.
    """
    made = dataclass(kw_only=True, eq=False, repr=False)(cls)
    for one in fields(cast("Any", made)):
        if one.name in vars(made):
            delattr(made, one.name)
    for name in ("__eq__", "__hash__", "__repr__"):
        setattr(made, name, vars(_Value)[name])
    return made


class _Value:
    """What all have alike. Compiled for each, it would be half of what they cost a cold start."""

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(vars(self).values()))

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__qualname__}({told})"
