"""A run in figures. Pure."""

from collections import Counter
from collections.abc import Mapping

from workerless.frozen import frozen
from workerless.workflow.control import Control, failed_compensations
from workerless.workflow.definition import Definition
from workerless.workflow.mark import Mark
from workerless.workflow.standing import Standing, standings


@frozen
class Summary:
    """How many steps a run has, and where they are.

    ``completed`` are those that ended well, ``failed`` those that did not, also as cancelled;
    ``left`` those that were skipped or called off, or had not started when the run ended.
    ``undone`` of ``to_undo`` compensations have ended, ``not_undone`` of them badly.
    """

    total: int
    waiting: int
    started: int
    completed: int
    failed: int
    left: int
    to_undo: int
    undone: int
    not_undone: int

    @property
    def done(self) -> int:
        """Steps of which no more is to be expected."""
        return self.completed + self.failed + self.left


def summary(definition: Definition, control: Control, marks: Mapping[str, Mark]) -> Summary:
    """The figures of a run. A nested container counts as one step."""
    counts = Counter(standings(definition, control, marks).values())
    waiting = counts[Standing.WAITING]
    is_over = control.state is not None
    return Summary(
        total=len(definition.nodes),
        waiting=0 if is_over else waiting,
        started=counts[Standing.STARTED],
        completed=sum(counts[one] for one in _WELL),
        failed=counts[Standing.FAILED] + counts[Standing.CANCELLED],
        left=counts[Standing.SKIPPED] + counts[Standing.CALLED_OFF] + (waiting if is_over else 0),
        to_undo=len(control.undo),
        undone=sum(slot in marks and marks[slot].has_ended for slot in control.undo),
        not_undone=len(failed_compensations(control, marks)),
    )


_WELL = (Standing.COMPLETED, Standing.COMPLETED_WITH_ERRORS, Standing.DISCARDED)
