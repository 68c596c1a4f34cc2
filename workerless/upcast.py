"""Lifting a payload of an earlier version to the present one, before its model reads it. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

type Upcaster = Callable[[dict[str, Any]], Mapping[str, Any]]
"""A payload's data of one version in, that of the next version out."""


def upcast(
    data: Mapping[str, Any],
    *,
    version: int | None,
    present: int,
    upcasters: Mapping[int, Upcaster],
) -> Mapping[str, Any]:
    """``data`` of ``version`` as the ``present`` version would have it.

    Each upcaster takes its version to the next; a version without one goes on as it is. Data that
    tells no version is of the present one. Data of a later version is left alone: what this code
    does not know of it is ignored when it is read. Raises what an upcaster raises.
    """
    for one in range(present if version is None else version, present):
        if one in upcasters:
            data = upcasters[one](dict(data))
    return data
