"""What must happen for every fault at every step, and where it is shown to happen.

A table to read: step, fault, what must follow, evidence. Evidence is a cell of the simulation
(``sim put: crash before``, of ``cells.REACHABLE``), a test (``file::function`` below ``tests``), or
``later`` and the feature that brings the step with it. Cells that cannot happen, and those after
which nothing is left to do, are not in it.
"""

from dataclasses import dataclass

from tests.simulation import matrix_of_operators, matrix_of_producers, matrix_of_workers

FAULTS = (
    *("crash before", "crash after", "answer lost", "duplicate", "throttled", "zombie"),
    *("condition failed", "partial batch", "file missing", "clock skew"),
)
FEATURES: frozenset[str] = frozenset()
"""What is still to be built, by the name of its issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One required cell."""

    step: str
    fault: str
    required: str
    evidence: tuple[str, ...]

    @property
    def is_later(self) -> bool:
        return self.evidence[0].startswith("later ")

    def cells(self) -> list[tuple[str, str]]:
        """Of the simulation."""
        named = [one.removeprefix("sim ") for one in self.evidence if one.startswith("sim ")]
        return [(step, fault) for step, _, fault in (one.partition(": ") for one in named)]

    def tests(self) -> list[tuple[str, str]]:
        """File and function."""
        named = [one.partition("::") for one in self.evidence if "::" in one]
        return [(file, function) for file, _, function in named]


ROWS = tuple(
    Row(step=step, fault=fault, required=required, evidence=evidence)
    for steps in (matrix_of_producers.STEPS, matrix_of_workers.STEPS, matrix_of_operators.STEPS)
    for step, rows in steps.items()
    for fault, (required, *evidence_) in rows.items()
    if (evidence := tuple(evidence_))
)
