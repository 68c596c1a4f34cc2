"""What a step reports, and the table of all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from workerless import State
from workerless.cli.output import safe
from workerless.handle import JobStatus

_STYLES = {State.COMPLETED: "green", State.FAILED: "red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One row. ``attempts`` is a text: many jobs have a range of them."""

    step: str
    happened: str
    state: State
    attempts: str
    took: timedelta

    @classmethod
    def of(cls, status: JobStatus[Any], *, step: str, happened: str) -> "Outcome":
        """That of one job that has ended."""
        return cls(
            step=step,
            happened=happened,
            state=status.state,
            attempts=f"{status.attempt} of {status.max_attempts}",
            took=duration(status),
        )


def duration(status: JobStatus[Any]) -> timedelta:
    """From enqueueing to the end; zero for a job that has not ended."""
    return (status.finished_at or status.enqueued_at) - status.enqueued_at


def summary(outcomes: Iterable[Outcome]) -> Table:
    """The table of the whole demo."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("step", no_wrap=True)
    table.add_column("what happened")
    table.add_column("state", no_wrap=True)
    table.add_column("attempts", no_wrap=True, justify="right")
    table.add_column("time", no_wrap=True, justify="right")
    for one in outcomes:
        table.add_row(
            one.step,
            Text(safe(one.happened)),
            Text(one.state, style=_STYLES.get(one.state, "")),
            one.attempts,
            f"{one.took.total_seconds():.2f} s",
        )
    return table
