"""Metric math: the part of its language that our alarms and dashboards speak."""

import re
from collections.abc import Callable, Mapping, Sequence

from workerless.alarming.leeway import Leeway
from workerless.alarming.series import (
    AGGREGATES,
    Value,
    aggregate,
    choose,
    difference,
    epoch,
    fill,
    operate,
)
from workerless.alarming.window import Window
from workerless.errors import WorkerlessError

_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|[A-Za-z_]\w*|==|!=|<=|>=|&&|\|\||[-+*/<>()\[\],])")
_WORDS = {"&&": "AND", "||": "OR"}
# What binds least comes first.
_LEVELS: Sequence[frozenset[str]] = (
    frozenset({"OR"}),
    frozenset({"AND"}),
    frozenset({"==", "!=", "<=", ">=", "<", ">"}),
    frozenset({"+", "-"}),
    frozenset({"*", "/"}),
)
_REPEAT = "REPEAT"


class ExpressionError(WorkerlessError):
    """It is no metric math, or more of it than is known here."""


def evaluate(
    text: str, named: Mapping[str, Value], window: Window, leeway: Leeway | None = None
) -> Value:
    """The value of an expression; ``named`` are its ids, their series those of ``window``.

    Raises ``ExpressionError``.
    """
    reading = _Reading(_tokens(text), named, window, leeway or Leeway())
    try:
        value = reading.level(0)
        reading.take("")
    except (TypeError, ExpressionError) as error:
        raise ExpressionError(f"expression {text!r}: {error}") from error
    return value


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"expression {text!r}: cannot read on from {text[at:]!r}")
        found.append(_WORDS.get(match[1], match[1]))
        at = match.end()
    return [*found, ""]


class _Reading:
    """Reads and computes at once, from left to right."""

    def __init__(
        self, tokens: list[str], named: Mapping[str, Value], window: Window, leeway: Leeway
    ) -> None:
        self._tokens, self._at = tokens, 0
        self._named, self._window, self._leeway = named, window, leeway
        self._functions: Mapping[str, Callable[..., Value]] = {
            **{name: self._aggregate(name) for name in AGGREGATES},
            "DIFF": lambda one: difference(one, window, per_second=False),
            "EPOCH": lambda _: epoch(window),
            "FILL": lambda one, by: fill(one, by, fills_nothing=leeway.fills_nothing),
            "IF": choose,
            "RATE": lambda one: difference(one, window, per_second=True),
        }

    def take(self, wanted: str | None = None) -> str:
        token = self._tokens[self._at]
        if wanted is not None and token != wanted:
            raise ExpressionError(f"{wanted or 'the end'!r} is wanted, got {token or 'the end'!r}")
        self._at += 1
        return token

    def level(self, number: int) -> Value:
        """What the operators from one level on put together."""
        if number == len(_LEVELS):
            return self._operand()
        value = self.level(number + 1)
        while self._tokens[self._at] in _LEVELS[number]:
            value = operate(self.take(), value, self.level(number + 1))
        return value

    def _operand(self) -> Value:
        token = self.take()
        match token:
            case "":
                raise ExpressionError("it ends where a value is wanted")
            case "(":
                value = self.level(0)
                self.take(")")
                return value
            case "[":
                return self._array()
            case "-":
                return operate("-", 0.0, self._operand())
        if token[:1].isdigit():
            return float(token)
        return self._called(token) if self._tokens[self._at] == "(" else self._of_id(token)

    def _of_id(self, token: str) -> Value:
        if token not in self._named:
            known = ", ".join(self._named)
            raise ExpressionError(f"there is no id {token!r} (there are {known})")
        return self._named[token]

    def _called(self, name: str) -> Value:
        if name not in self._functions:
            known = ", ".join(sorted(self._functions))
            raise ExpressionError(f"function must be one of {known}, got {name}")
        self.take("(")
        return self._functions[name](*self._listed(")"))

    def _array(self) -> Value:
        series = self._listed("]")
        if not all(isinstance(one, tuple) for one in series):
            raise ExpressionError("an array holds series only")
        return [one for one in series if isinstance(one, tuple)]

    def _listed(self, end: str) -> list[Value | str]:
        found: list[Value | str] = []
        while True:
            found.append(self.take() if self._tokens[self._at] == _REPEAT else self.level(0))
            if self._tokens[self._at] != ",":
                self.take(end)
                return found
            self.take(",")

    @staticmethod
    def _aggregate(name: str) -> Callable[[Value], Value]:
        return lambda value: aggregate(name, value)
