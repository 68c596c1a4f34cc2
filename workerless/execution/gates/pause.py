"""Whether a job is paused, by its job type or its tenant.

The mapping of a paused job type is switched off, so this holds what still arrives, and is all that
holds the jobs of one tenant. These are looked at ever less often, and wait without a message once
that is more than 15 minutes; a resume has them look at once (``operations.flow``).
"""

from datetime import timedelta

from workerless.execution.admission import Admitted
from workerless.execution.gate import Candidate, Go
from workerless.execution.gates.known import KnownSettings
from workerless.execution.runtime import Runtime
from workerless.flow.settings import PAUSED, Pause, look_again_after
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
        pause = self._known.at(now).paused(record.tenant, now)
        if pause is None:
            return Go()
        looks = int((record.waits or {}).get(_NAME, "0"))
        if looks:
            pause = self._known.at(now, max_age=_FRESH).paused(record.tenant, now)
        return _held(pause, looks, runtime) if pause else Go()

    def leave(self, run: Admitted, outcome: Outcome, runtime: Runtime) -> None:
        """Nothing to give back."""


def _held(pause: Pause, looks: int, runtime: Runtime) -> Waiting:
    delay = look_again_after(looks, pause, runtime.ports.clock.now())
    return Waiting(delay=delay, why=PAUSED, notes={_NAME: str(looks + 1)})
