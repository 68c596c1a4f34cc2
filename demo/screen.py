"""Where the demo speaks: lines that stay and, on a terminal, one that is redrawn in place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from workerless.cli.output import safe

_LABEL_WIDTH = 11
# Where there is no terminal to fit into, lines are as long as they are.
_WIDE = 1_000


def _console() -> Console:
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


@dataclass(frozen=True, slots=True)
class Screen:
    """Standard output. Where it is no terminal, there is plain text and nothing is redrawn."""

    console: Console = field(default_factory=_console)

    def heading(self, text: str) -> None:
        self.console.print()
        self.console.print(Text(text, style="bold"))

    def tell(self, label: str, text: object) -> None:
        """One line; what is too long for it goes on under its beginning."""
        line = Table.grid(padding=0)
        line.add_column(width=_LABEL_WIDTH, no_wrap=True)
        line.add_column(overflow="fold")
        line.add_row(Text(label, style="cyan"), Text(safe(text)))
        self.console.print(Padding(line, (0, 0, 0, 2), expand=False))

    def fail(self, text: str) -> None:
        """Why the demo ends before its time."""
        self.console.print()
        for line in text.splitlines():
            self.console.print(Text(safe(line), style="bold red"))

    @contextmanager
    def live(self, text: str) -> Iterator[Callable[[str], None]]:
        """A spinner with a text; the function replaces the text."""
        with self.console.status(Text(text)) as status:
            yield lambda text: status.update(Text(safe(text)))

    @contextmanager
    def bar(self, text: str, total: int) -> Iterator[Callable[[int], None]]:
        """A progress bar; the function says how many of ``total`` are done."""
        columns = (TextColumn(f"  {text}"), BarColumn(), MofNCompleteColumn())
        with Progress(
            *columns,
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        ) as progress:
            task = progress.add_task(text, total=total)
            yield lambda done: progress.update(task, completed=done)
