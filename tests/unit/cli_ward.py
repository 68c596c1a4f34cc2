"""The command line of an operator: a stage in memory whose jobs die, and a function that drives."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from tests.unit.cli import Terminal
from tests.unit.operations.ward import Ward
from workerless.cli.setting import World
from workerless.inspecting import Inspection
from workerless.operations.drive import drive

DECLARATION = '''
from pydantic import Field
from workerless import JobType, Payload

class Patient(Payload):
    """One patient."""

    number: int

visit = JobType(name="visit", payload=Patient)
'''


@dataclass(kw_only=True)
class WardTerminal(Terminal):
    """Commands over a ``Ward``, whose operator function runs while a command sleeps.

    One that is ``asleep`` runs only once it was kicked again. ``interrupted`` is Ctrl-C at the
    first sleep. ``edited`` is what somebody makes of a payload, which ``edits`` shows.
    """

    is_terminal: bool = False
    asleep: bool = False
    interrupted: bool = False
    edits: list[str] = field(default_factory=list)
    edited: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.ward = Ward()

    def declare(self, more: str = "") -> None:
        (self.folder / "functions" / "greet" / "job.py").write_text(DECLARATION)

    def world(self, **changes: Any) -> World:
        parts = {
            "connect": lambda _: self.ward.stage.client,
            "inspect": self._inspect,
            "operate": lambda _: self.ward.operations,
            "now": self.ward.clock.now,
            "sleep": self._sleep,
            "is_terminal": lambda: self.is_terminal,
            "edit": self._edit,
        }
        return super().world(**{**parts, **changes})

    def _inspect(self, stage: str) -> Inspection:
        return replace(self.inspect(stage), directory=self.ward.desk.directory)

    def _sleep(self, seconds: float) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.ward.clock.advance(timedelta(seconds=seconds))
        self.ward.stage.run_all()
        if not self.asleep or self.ward.kicks > 1:
            looks = iter([True, True])
            drive(self.ward.desk, lambda: next(looks, False))

    def _edit(self, text: str) -> str:
        self.edits.append(text)
        return self.edited or text
