"""What a worker tells a tracer, where its handler has one; one that has none never loads this."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from workerless.execution.admission import Admitted
    from workerless.execution.arrival import Arrival
    from workerless.record import Record

type Told = Mapping[str, str | float | None]
"""``outcome``, as in the log ("unknown" where no record could be written), and what it says of it.

``dead_letter`` is there, and true, where one is sent. Nothing of it quotes a payload.
"""


class Tracing(Protocol):
    """The spans of one handler."""

    def handling(self, runs: "Sequence[Admitted]") -> AbstractContextManager[None]:
        """The handler has these jobs in hand meanwhile: several, if it takes a chunk."""
        ...

    def ended(self, arrival: "Arrival", record: "Record | None", told: Told) -> None:
        """How one look at a job ended, whether its handler was called or not."""
        ...


@contextmanager
def both(
    around: AbstractContextManager[None], within: AbstractContextManager[None]
) -> Iterator[None]:
    """The two as one."""
    with around, within:
        yield
