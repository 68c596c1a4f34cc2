"""The measurements: figures by contestant, the reference among them.

Instructions are counted once, for they repeat. Times are the best of several rounds in which all
contestants take their turn: another's load meets them all, and the best is what it left alone.
"""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.batch import SIZE
from benchmarks.run import figure, instructions, site_packages
from infra import bundling
from infra.artifact import BUILD, ROOT
from infra.settings import stages
from infra.wheels import install

CASES = (
    "workerless_full",
    "workerless_off",
    "powertools_batch",
    "powertools_idempotent",
    "partiql",
    "celery_worker",
)
BULKS = {
    "workerless_full": 4_000,
    "workerless_lean": 8_000,
    "workerless_off": 8_000,
    "raw": 2_000,
    "raw_threads": 8_000,
    "celery": 200,
}
COLD = ("workerless_worker", "powertools_worker")
_ROUNDS = 5
_BATCHES = 10
_START = str(ROOT / "benchmarks" / "cold" / "start.py")

type Figures = dict[str, float]


def message_instructions() -> Figures:
    """Millions a message. A run of twice as many, less the other, leaves starting up out."""
    return {case: _instructions_of(case) / 1e6 for case in CASES}


def _instructions_of(case: str) -> float:
    once, twice = (
        instructions("-m", "benchmarks.case", case, str(batches), "1")
        for batches in (_BATCHES, 2 * _BATCHES)
    )
    return (twice - once) / (_BATCHES * SIZE)


def message_microseconds() -> Figures:
    """CPU a message."""
    return _best(CASES, lambda case: figure("-m", "benchmarks.case", case, "20", "5"), min)


def bulk_rates() -> Figures:
    """Jobs enqueued a second."""
    return _best(BULKS, lambda name: figure("-m", "benchmarks.bulk", name, str(BULKS[name])), max)


def cold_milliseconds() -> Figures:
    """CPU of importing a worker, its clients made; and ``own``, our modules' part of it."""
    with tempfile.TemporaryDirectory() as folder:
        modules = Path(folder) / "modules.json"
        figure(*cold_command("workerless_worker"), str(modules))
        runs: dict[str, tuple[str, ...]] = {name: cold_command(name) for name in COLD}
        runs["own"] = (*cold_command("own_modules"), str(modules))
        return _best(runs, lambda name: figure(*runs[name]), min)


def cold_instructions() -> Figures:
    """Millions for a whole process that only imports a worker."""
    return {name: instructions(*cold_command(name)) / 1e6 for name in COLD}


def cold_command(name: str) -> tuple[str, ...]:
    """Each with what it ships, bytecode included; boto3 as the runtime has it."""
    shipped = wheels() if name.startswith("powertools") else layer() / "python"
    return ("-s", "-S", "-B", _START, name, str(shipped), str(site_packages()))


def megabytes() -> Figures:
    """Of the layer, and of what it was made from, unzipped."""
    parts = {"layer": layer(), "Powertools and pydantic": wheels()}
    return {name: _size(path) / 1e6 for name, path in parts.items()}


def layer() -> Path:
    return bundling.layer(_platform()).path


def wheels() -> Path:
    requirements = ROOT / "requirements" / "lambda.txt"
    return install(requirements, platform=_platform(), prefix="/opt/python", into=BUILD).path


def _platform() -> str:
    return stages({})["local"].wheels


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def _best(
    names: Iterable[str], measure: Callable[[str], float], best: Callable[[float, float], float]
) -> Figures:
    found = {name: measure(name) for name in names}
    for _ in range(_ROUNDS - 1):
        for name, one in found.items():
            found[name] = best(one, measure(name))
    return found
