"""The alarms of a synthesised stage, played with series of their metrics, minute by minute."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from tests.infra.cloud import Cloud
from workerless.alarming.leeway import Leeway
from workerless.alarming.metric import Metric, Sample, Samples
from workerless.alarming.state import State
from workerless.alarming.template import Alarms, read
from workerless.alarming.watch import States, judge

MINUTE, HOURS = 60, 3_600
# Whatever the guide of CloudWatch leaves open.
LEEWAYS = [
    Leeway(spare=spare, fills_nothing=fills) for spare, fills in product((0, 2, 7), (True, False))
]
_PSEUDO = {"AWS::Region": "eu-west-1", "AWS::AccountId": "1", "AWS::Partition": "aws"}


def alarms_of(cloud: Cloud) -> Alarms:
    """Those of all stacks of a stage."""
    return sum((read(one.body, pseudo=_PSEUDO) for one in cloud.templates), Alarms())


@dataclass(kw_only=True)
class Scene:
    """What becomes of the alarms of one job type (``prefix`` begins their names).

    Metrics are told by their names, and by ``of``: a part of the value of a dimension, where
    several alarms watch metrics of one name.
    """

    alarms: Alarms
    prefix: str
    leeway: Leeway
    samples: dict[Metric, list[Sample]] = field(default_factory=dict)

    def gauge(
        self, name: str, value: Callable[[int], float | None], minutes: Iterable[int], of: str = ""
    ) -> None:
        """One sample in each minute for which there is a value."""
        for metric in self._metrics(name, of):
            self.samples[metric] = [
                Sample(at=MINUTE * minute + 7, value=told)
                for minute in minutes
                if (told := value(minute)) is not None
            ]

    def events(self, name: str, times: Mapping[int, Sequence[float]]) -> None:
        """As many samples as there are values, in the minutes that are their keys."""
        for metric in self._metrics(name, ""):
            self.samples[metric] = [
                Sample(at=MINUTE * minute + MINUTE * number / (len(values) + 1), value=value)
                for minute, values in sorted(times.items())
                for number, value in enumerate(values)
            ]

    def rings(
        self, name: str, minutes: Iterable[int], *, late: Mapping[str, int] | None = None
    ) -> list[int]:
        """The minutes at whose beginning an alarm rings.

        Metrics that are ``late`` by name are known so many minutes after they happened.
        """
        asked = {one.name: one for one in self.alarms.metric}
        composites = {one.name: one for one in self.alarms.composite}
        full = f"{self.prefix}-{name}"
        if full in composites:
            page = composites[full]
            chosen = Alarms(
                metric=tuple(asked[one] for one in dict.fromkeys(page.names)), composite=(page,)
            )
        else:
            chosen = Alarms(metric=(asked[full],))
        states: States = {}
        found = []
        for minute in minutes:
            known = self._known(minute, late or {})
            states = judge(chosen, known, MINUTE * minute, states, self.leeway)
            if states[full] is State.ALARM:
                found.append(minute)
        return found

    def _known(self, minute: int, late: Mapping[str, int]) -> Samples:
        if not late:
            return self.samples
        return {
            metric: [one for one in told if one.at < MINUTE * (minute - late.get(metric.name, 0))]
            for metric, told in self.samples.items()
        }

    def _metrics(self, name: str, of: str) -> list[Metric]:
        found = {
            measure.metric
            for alarm in self.alarms.metric
            if alarm.name.startswith(f"{self.prefix}-")
            for measure in alarm.measures.values()
            if measure.metric.name == name
            and any(value.endswith(of) for _, value in measure.metric.dimensions)
        }
        assert found, f"no alarm of {self.prefix} watches {name} of {of}"
        return sorted(found, key=str)
