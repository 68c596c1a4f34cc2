"""How many deliveries ended how."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

_PREFIX = "job."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Deliveries by outcome. A job that is retried once and then completes counts in both.

    ``crashed`` counts invocations whose process died; ``duplicate`` deliveries of jobs that had
    ended already, ``deferred`` such that came too early or while another attempt ran, ``waiting``
    such that a gate held back, ``awaiting`` such that began to wait for an event.
    """

    completed: int = 0
    retried: int = 0
    snoozed: int = 0
    continued: int = 0
    failed: int = 0
    discarded: int = 0
    held: int = 0
    deferred: int = 0
    waiting: int = 0
    awaiting: int = 0
    duplicate: int = 0
    fenced: int = 0
    lost: int = 0
    crashed: int = 0

    @classmethod
    def of(
        cls, transitions: Iterable[Mapping[str, str | int | float | None]], *, crashed: int
    ) -> "Outcomes":
        """What the lines of telemetry tell."""
        events = Counter(str(line["event"]).removeprefix(_PREFIX) for line in transitions)
        counts = {name.name: events[name.name] for name in fields(cls)}
        return cls(**{**counts, "crashed": crashed})

    def __str__(self) -> str:
        told = [f"{getattr(self, one.name)} {one.name}" for one in fields(self)]
        return ", ".join(text for text in told if not text.startswith("0 ")) or "nothing ran"
