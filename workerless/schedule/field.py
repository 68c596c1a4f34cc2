"""One field of a cron expression: lists of numbers, names, ranges and steps."""

from dataclasses import dataclass

from workerless.errors import DeclarationError

MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its name in errors. ``names`` stand for the numbers from the lowest on.

    ``also`` is one number more that may be written, though neither ``*`` nor a step reaches it.
    """

    name: str
    among: range
    names: tuple[str, ...] = ()
    also: int | None = None

    def numbers(self, text: str) -> frozenset[int]:
        """What the list ``text`` chooses. Raises ``DeclarationError`` naming what is wrong."""
        return frozenset(number for term in text.split(",") for number in self._term(term))

    def number(self, text: str) -> int:
        """One number or name."""
        if text.upper() in self.names:
            return self.among[self.names.index(text.upper())]
        # A zero in front is allowed, as in crontabs; twenty digits are not.
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else -1
        if number not in self.among and number != self.also:
            raise self.refused(text)
        return number

    def refused(self, text: str, instead: str = "") -> DeclarationError:
        """The error that names the field, what it got and what is allowed, or ``instead``."""
        low, high = self.among[0], self.among[-1]
        names = f" or {self.names[0]} to {self.names[-1]}" if self.names else ""
        allowed = instead or f"numbers from {low} to {high}{names}, with ',', '-', '/' or '*'"
        return DeclarationError(f"{self.name} must be {allowed}, got {text!r}")

    def _term(self, term: str) -> range:
        span, slash, step = term.partition("/")
        low, dash, high = span.partition("-")
        if span == "*":
            first, last = self.among[0], self.among[-1]
        else:
            first = self.number(low)
            # A step without an end goes on to the end of the field.
            last = self.number(high) if dash else self.among[-1] if slash else first
        if last < first:
            raise self.refused(
                term,
                f"ranges that do not end before they begin: {low}-{self.top},{self.low}-{high}",
            )
        return range(first, last + 1, self._step(step, term) if slash else 1)

    def _step(self, step: str, term: str) -> int:
        # As long as the field or longer, it would choose the first number only: '*/90' minutes.
        longest = len(self.among) - 1
        if not (step.isascii() and step.isdigit() and len(step) <= _DIGITS) or not (
            1 <= int(step) <= longest
        ):
            raise self.refused(term, f"stepped by 1 to {longest}")
        return int(step)

    @property
    def low(self) -> str:
        return self.names[0] if self.names else str(self.among[0])

    @property
    def top(self) -> str:
        return self.names[-1] if self.names else str(self.among[-1])
