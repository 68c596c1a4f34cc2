"""Whether a job is paused, by its job type, its lane or its tenant.

The mappings of what is paused as a whole are switched off, so this holds what still arrives, and is
all that holds the jobs of one tenant. These are looked at ever less often, and wait without a
message once that is more than 15 minutes; a resume has them look at once (``operations.flow``).
"""

from datetime import timedelta
from functools import partial

from workerless.execution.admission import Admitted
from workerless.execution.gate import Candidate, Go
from workerless.execution.gates.known import KnownSettings
from workerless.execution.runtime import Runtime
from workerless.flow.settings import PAUSED, FlowSettings, Pause, look_again_after
from workerless.outcome import Outcome, Waiting

_NAME = "pause"
_FRESH = timedelta(0)


class PauseGate:
    """Holds nothing of a job."""

    def __init__(self, known: KnownSettings) -> None:
        self._known = known

    def ask(self, candidate: Candidate, runtime: Runtime) -> Go | Outcome:
        """Before a long wait it reads anew: whoever resumes wakes those who wait by then."""
        record, now = candidate.run.record, runtime.ports.clock.now()
        held = partial(FlowSettings.paused, now=now, lane=record.lane, tenant=record.tenant)
        pause = held(self._known.at(now))
        looks = int((record.waits or {}).get(_NAME, "0"))
        if pause is not None and looks:
            pause = held(self._known.at(now, max_age=_FRESH))
        return Go() if pause is None else _held(pause, looks, runtime)

    def leave(self, run: Admitted, outcome: Outcome, runtime: Runtime) -> None:
        """Nothing to give back."""


def _held(pause: Pause, looks: int, runtime: Runtime) -> Waiting:
    delay = look_again_after(looks, pause, runtime.ports.clock.now())
    return Waiting(delay=delay, why=PAUSED, notes={_NAME: str(looks + 1)})
