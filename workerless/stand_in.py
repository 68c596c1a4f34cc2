"""What ``connect`` gives in a test, for every stage."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workerless.client import Client

# No context variable: applications have threads of their own.
stand_ins: list["Client"] = []


@contextmanager
def standing_in(client: "Client") -> Iterator[None]:
    """Have ``connect`` return ``client`` for every stage meanwhile: a test's seam, no more."""
    stand_ins.append(client)
    try:
        yield
    finally:
        stand_ins.remove(client)
