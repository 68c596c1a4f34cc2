"""Batches with one mistake each. The simulation has to notice every one of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from workerless.execution import workflow_sweep
from workerless.outbox import Outbox
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow_ports import Page


def _records_first(self: Any, name: str, entries: Any, *, place: Any = None) -> Any:
    """Jobs that their batch does not wait for yet."""
    puts = _put_and_send(self, name, entries)
    place(entries)
    return puts


_put_and_send = Outbox.put_and_send


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """What is replaced, where, and by what."""

    target: object
    name: str
    by: Callable[..., Any] | property

    def infect(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(self.target, self.name, self.by)


MUTANTS: Mapping[str, Mutant] = {
    "a page is done before its last member": Mutant(
        target=Page, name="is_done", by=property(lambda self: len(self.marks) >= self.size - 1)
    ),
    "the sweeper reads no records": Mutant(
        target=workflow_sweep, name="_ended", by=lambda _place, _record: []
    ),
    "the sweeper waits for members that never were": Mutant(
        target=workflow_sweep,
        name="_lost",
        by=lambda known, since: Mark(generation=0, state=SlotState.STARTED, at=since),
    ),
    "records come before their place": Mutant(
        target=Outbox, name="put_and_send", by=_records_first
    ),
}
