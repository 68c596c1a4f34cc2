"""Many schedules in a row: how fast, what they reached, and the first that broke a promise."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter

from tests.simulation.checkers import WITH_SWEEPER, WITHOUT_SWEEPER, broken
from tests.simulation.history import History
from tests.simulation.sweeping import sweep_all
from tests.simulation.world import World


@dataclass(slots=True, kw_only=True)
class Survey:
    """What some schedules came to. ``cells`` counts (step, fault) and (step, answer)."""

    schedules: int = 0
    seconds: float = 0.0
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __str__(self) -> str:
        steps: dict[str, list[str]] = {}
        for (step, what), times in sorted(self.cells.items()):
            steps.setdefault(step, []).append(f"{what} {times}")
        rate = self.schedules / self.seconds
        lines = [f"{self.schedules} schedules, {rate:.0f}/s, {len(self.cells)} cells reached"]
        return "\n".join(lines + [f"  {step}: {', '.join(all_)}" for step, all_ in steps.items()])


def survey(seeds: Iterable[int], *, sweeps: bool = True) -> Survey:
    """Play the schedules of all seeds. Raises ``AssertionError`` with the first broken one."""
    result, began = Survey(), perf_counter()
    for seed in seeds:
        history, problems = play(seed, sweeps=sweeps)
        if problems:
            told = "\n".join([*problems, f"again: SIMULATION_SEED={seed} pytest tests/simulation"])
            raise AssertionError(f"seed {seed}\n{history.trace()}\n\n{told}")
        result.schedules += 1
        result.cells += history.cells
    result.seconds = perf_counter() - began
    return result


def play(
    seed: int, *, sweeps: bool = True, operated: bool | None = None, long: bool = True
) -> tuple[History, list[str]]:
    """One schedule, with the library's sweeper or without any, and what it broke.

    Without a sweeper nobody decides anything: it sends what an operator could not.
    """
    operated = sweeps if operated is None else operated
    history = World(seed, sweep=sweep_all if sweeps else None, operated=operated, long=long).run()
    return history, broken(history, WITH_SWEEPER if sweeps else WITHOUT_SWEEPER)


def first_broken(
    seeds: Iterable[int], *, sweeps: bool = True, long: bool = False
) -> tuple[int, str] | None:
    """The first seed that breaks a promise, and the promise."""
    for seed in seeds:
        _, problems = play(seed, sweeps=sweeps, long=long)
        if problems:
            return seed, problems[0]
    return None
