"""A composite alarm: a rule over the states of others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from workerless.alarming.state import State
from workerless.errors import WorkerlessError

_TOKEN = re.compile(
    r"\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\s*\(([^)]*)\)|(AND|OR|NOT|TRUE|FALSE|[()]))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composite:
    """``rule`` names alarms, by name or ARN."""

    name: str
    rule: str
    description: str = ""
    tells: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The alarms that the rule asks for, in its order."""
        return tuple(name for kind, name in _tokens(self.rule) if kind in State)

    def evaluate(self, states: Mapping[str, State]) -> State:
        """Raises ``WorkerlessError`` for an alarm that is not among ``states``."""
        reading = _Reading(_tokens(self.rule), states)
        rings = reading.either()
        if not reading.is_over:
            raise WorkerlessError(f"alarm rule cannot be read to its end: {self.rule}")
        return State.ALARM if rings else State.OK


def _tokens(rule: str) -> list[tuple[str, str]]:
    """Kind and, of a state, the alarm's name."""
    found, at = [], 0
    rule = rule.rstrip()
    while at < len(rule):
        match = _TOKEN.match(rule, at)
        if match is None:
            raise WorkerlessError(f"alarm rule cannot be read on from {rule[at:]!r}")
        found.append((match[1] or match[3], _name(match[2] or "")))
        at = match.end()
    return found


def _name(told: str) -> str:
    name = told.strip().strip("\"'")
    return name.partition(":alarm:")[2] or name


class _Reading:
    def __init__(self, tokens: list[tuple[str, str]], states: Mapping[str, State]) -> None:
        self._tokens, self._states = tokens[::-1], states

    @property
    def is_over(self) -> bool:
        return not self._tokens

    def either(self) -> bool:
        rings = self._both()
        while self._comes("OR"):
            rings = self._both() or rings
        return rings

    def _both(self) -> bool:
        rings = self._one()
        while self._comes("AND"):
            rings = self._one() and rings
        return rings

    def _one(self) -> bool:
        if self.is_over:
            raise WorkerlessError("alarm rule ends where an alarm is wanted")
        kind, name = self._tokens.pop()
        match kind:
            case "NOT":
                return not self._one()
            case "(":
                rings = self.either()
                if not self._comes(")"):
                    raise WorkerlessError("alarm rule cannot be read: a bracket is not closed")
                return rings
            case "TRUE" | "FALSE":
                return kind == "TRUE"
        if name not in self._states:
            raise WorkerlessError(f"alarm rule asks for {name!r}, and there is no such alarm")
        return self._states[name] is State(kind)

    def _comes(self, kind: str) -> bool:
        if self._tokens and self._tokens[-1][0] == kind:
            self._tokens.pop()
            return True
        return False
