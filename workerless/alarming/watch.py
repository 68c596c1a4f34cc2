"""All alarms of a stage, as CloudWatch would see them from minute to minute."""

from collections.abc import Iterable, Iterator, Mapping

from workerless.alarming.leeway import Leeway
from workerless.alarming.metric import Samples
from workerless.alarming.state import State
from workerless.alarming.template import Alarms

type States = Mapping[str, State]


def judge(
    alarms: Alarms, samples: Samples, at: float, before: States, leeway: Leeway | None = None
) -> States:
    """The states by name after an evaluation at ``at`` (epoch seconds).

    ``before`` are those until then; a new alarm has none. Composites follow what they ask for.
    """
    new = State.INSUFFICIENT_DATA
    states = {
        one.name: one.evaluate(samples, at, before.get(one.name, new), leeway)
        for one in alarms.metric
    }
    for one in alarms.composite:
        states[one.name] = one.evaluate(states)
    return states


def history(
    alarms: Alarms, samples: Samples, times: Iterable[float], leeway: Leeway | None = None
) -> Iterator[States]:
    """The states at each of ``times``, which rise; what is sampled later is not known yet."""
    before: States = {}
    for at in times:
        before = judge(alarms, samples, at, before, leeway)
        yield before
