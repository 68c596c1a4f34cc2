"""An alarm on a metric, or on an expression over metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workerless.alarming.expression import ExpressionError, evaluate
from workerless.alarming.leeway import Leeway
from workerless.alarming.metric import Metric, Samples
from workerless.alarming.series import Value
from workerless.alarming.state import Rule, State, judge
from workerless.alarming.window import Points, Window, points


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A metric as an alarm sees it."""

    metric: Metric
    statistic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """``measures`` and ``expressions`` by id; ``watched`` is the id whose points are judged.

    Expressions come in the order in which they need each other. ``period`` in seconds is that of
    all measures. ``tells`` are the topics that hear of it; ``description`` is for people.
    """

    name: str
    measures: Mapping[str, Measure]
    expressions: Mapping[str, str] = field(default_factory=dict)
    watched: str
    period: int
    rule: Rule
    description: str = ""
    tells: tuple[str, ...] = ()

    def window(self, at: float, leeway: Leeway) -> Window:
        """What is retrieved for an evaluation at ``at`` (epoch seconds)."""
        return Window.ending(at, period=self.period, count=self.rule.periods + leeway.spare)

    def points(self, samples: Samples, window: Window, leeway: Leeway) -> Points:
        """What is judged. Raises ``ExpressionError``."""
        named: dict[str, Value] = {
            id_: points(samples.get(one.metric, ()), one.statistic, window)
            for id_, one in self.measures.items()
        }
        for id_, text in self.expressions.items():
            named[id_] = evaluate(text, named, window, leeway)
        found = named[self.watched]
        if not isinstance(found, tuple):
            raise ExpressionError(f"alarm {self.name}: {self.watched} must be one series")
        return found

    def evaluate(
        self, samples: Samples, at: float, before: State, leeway: Leeway | None = None
    ) -> State:
        """Its state after the evaluation at ``at``, having been ``before``."""
        leeway = leeway or Leeway()
        found = self.points(samples, self.window(at, leeway), leeway)
        return judge(found, self.rule, before)
