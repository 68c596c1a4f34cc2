"""A gate that is shut at random, for moments and for days: the seam itself under every fault."""

from datetime import timedelta
from random import Random

from workerless.errors import StoreUnavailableError
from workerless.execution.admission import Admitted
from workerless.execution.gate import Candidate, Go
from workerless.execution.runtime import Runtime
from workerless.outcome import Outcome, Waiting

# Each job is let through at the latest then.
_MOST_LOOKS = 6
_DELAYS = (
    *(timedelta(0), timedelta(seconds=1), timedelta(seconds=20), timedelta(minutes=2)),
    *(timedelta(minutes=16), timedelta(hours=30)),
)


class Turnstile:
    """Counts its looks at a job in the job's notes."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def ask(self, candidate: Candidate, runtime: Runtime) -> Go | Outcome:
        looks = int((candidate.run.record.waits or {}).get("turnstile", "0"))
        die = self._dice.random()
        if looks >= _MOST_LOOKS or die < 0.4:
            return Go()
        if die < 0.6:
            now = runtime.ports.clock.now()
            return Go(at=now + timedelta(seconds=1), until=now + timedelta(seconds=2))
        if die < 0.65:
            raise StoreUnavailableError("no answer")
        notes = {"turnstile": str(looks + 1)}
        return Waiting(delay=self._dice.choice(_DELAYS), why="turnstile", notes=notes)

    def leave(self, run: Admitted, outcome: Outcome, runtime: Runtime) -> None:
        """Nothing to give back."""
