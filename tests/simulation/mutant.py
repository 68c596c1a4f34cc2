"""One thing wrong with the library: put in place at run time, and taken out again.

A mutant names the function it replaces as its module knows it, so that a rename breaks the test
and not its meaning.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """``name`` of ``owner`` replaced by ``by``. Without ``sweeps`` no sweeper hides the fault.

    ``long`` has some jobs keep checkpoints.
    """

    fault: str
    owner: Any
    name: str
    by: Any
    sweeps: bool = True
    long: bool = False

    @contextmanager
    def at_work(self) -> Iterator[None]:
        original = getattr(self.owner, self.name)
        setattr(self.owner, self.name, self.by)
        try:
            yield
        finally:
            setattr(self.owner, self.name, original)
