"""Runs one case: ``python -m benchmarks.case NAME BATCHES ROUNDS``.

Prints its CPU in us a message, that of the best round.
"""

import importlib
import logging
import os
import sys
import time
from collections.abc import Callable

from benchmarks import canned
from benchmarks.batch import SIZE

_WARM_UP = 5


def main() -> None:
    name, batches, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    canned.install()
    answer = os.dup(sys.stdout.fileno())
    # Log lines are written, to where nobody reads.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    logging.getLogger("celery-case").addHandler(logging.StreamHandler(sys.stdout))
    logging.getLogger("celery-case").setLevel(logging.INFO)
    run = importlib.import_module(f"benchmarks.case.{name}").prepare()
    for _ in range(_WARM_UP):
        run()
    best = min(_microseconds(run, batches) for _ in range(rounds))
    os.write(answer, f"{best}\n".encode())


def _microseconds(run: Callable[[], None], batches: int) -> float:
    before = time.process_time()
    for _ in range(batches):
        run()
    return (time.process_time() - before) / (batches * SIZE) * 1e6


if __name__ == "__main__":
    main()
