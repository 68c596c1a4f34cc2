"""An event that was taken is had, one that was missed is refused, whatever happens meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.property.machines.sizes import HUNTED, PLAYED
from tests.property.machines.wait_machine import WaitMachine
from workerless.event import Event
from workerless.frozen import replace
from workerless.testing.events import InMemoryEvents


def test_what_was_taken_is_had_and_what_was_missed_is_refused() -> None:
    run_state_machine_as_test(WaitMachine, settings=PLAYED)


def forgetful(put: Callable[..., Event]) -> Callable[..., Event]:
    """Keeps no miss: whoever comes too late is not told."""

    def keep(self: Any, event: Event) -> Event:
        return event if event.data is None else put(self, event)

    return keep


def careless(put: Callable[..., Event]) -> Callable[..., Event]:
    """The last one stands, not the first."""

    def keep(self: Any, event: Event) -> Event:
        return put(self, replace(event, generation=2_000_000_000))

    return keep


@pytest.mark.parametrize("wrong", [forgetful, careless])
def test_wrong_store_is_caught(
    wrong: Callable[[Callable[..., Event]], Callable[..., Event]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InMemoryEvents, "put", wrong(InMemoryEvents.put))

    with pytest.raises(AssertionError):
        run_state_machine_as_test(WaitMachine, settings=HUNTED)
