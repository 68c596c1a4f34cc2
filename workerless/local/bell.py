"""The alarms of a stage on what its local cloud measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workerless.alarming.metric import Samples
from workerless.alarming.state import State
from workerless.alarming.template import Alarms
from workerless.alarming.watch import judge
from workerless.local.measured import is_known


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    """An alarm; ``state`` is None where something it watches cannot be known here."""

    name: str
    state: State | None
    description: str

    @property
    def rings(self) -> bool:
        return self.state is State.ALARM


def bells(
    alarms: Alarms, samples: Samples, end: float, before: Mapping[str, State]
) -> Sequence[Bell]:
    """As an evaluation at ``end`` (epoch seconds) finds them; ``before`` are the states until then.

    What cannot be known does not ring in what is composed of it.
    """
    known = Alarms(metric=tuple(one for one in alarms.metric if is_known(one)))
    states = judge(known, samples, end, before)
    seen = {one.name: states.get(one.name, State.OK) for one in alarms.metric}
    found = [
        Bell(name=one.name, state=states.get(one.name), description=one.description)
        for one in alarms.metric
    ]
    for one in alarms.composite:
        seen[one.name] = one.evaluate(seen)
        found.append(Bell(name=one.name, state=seen[one.name], description=one.description))
    return sorted(found, key=lambda bell: bell.name)
