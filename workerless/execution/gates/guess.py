"""What one process knows of limiters that others move, too: which step to try first. Pure."""

from workerless.flow.pacing import Ask, Stand, Step, step_of
from workerless.flow_ports import Stepped
from workerless.frozen import replace

_MOST_STANDS = 1_000
_WHERE_NONE_IS_TAKEN = (Step.BEGIN, Step.OPEN, Step.RETURN)


class Guesses:
    """How each limiter stood last, and whether others are likely to have moved it since.

    A wrong guess costs a write, as the answer tells how the limiter stands: so only a change from
    crowded to lonely hours and back does.
    """

    def __init__(self) -> None:
        self._stands: dict[str, Stand] = {}
        self._crowded: set[str] = set()

    def step(self, limiter: str, ask: Ask) -> Step:
        """What to try."""
        stand = self._stands.get(limiter)
        if stand is not None and limiter in self._crowded:
            stand = replace(stand, taken=max(stand.taken, ask.floor + 1))
        return step_of(stand, ask)

    def seen(self, limiter: str) -> Stand | None:
        """How it stood last; None where that is not known."""
        return self._stands.get(limiter)

    def learn(self, limiter: str, step: Step, ask: Ask, answer: Stepped) -> None:
        """What came of it."""
        if answer.stand is None:
            self._stands.pop(limiter, None)
            return
        if len(self._stands) >= _MOST_STANDS:
            self._stands.clear()
            self._crowded.clear()
        self._stands[limiter] = answer.stand
        if answer.is_done:
            return
        if answer.stand.taken <= ask.near:
            self._crowded.discard(limiter)
        elif step in _WHERE_NONE_IS_TAKEN:
            self._crowded.add(limiter)
