"""What a message may cost in CPU, told by the calls that Python makes: they repeat to the last one.

``make bench`` counts instructions; these stand for them where there is no valgrind.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.run import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
COUNT = """
import importlib, os, sys
from benchmarks import canned
from benchmarks.batch import SIZE

canned.install()
answer = os.dup(sys.stdout.fileno())
os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
run = importlib.import_module("benchmarks.case." + sys.argv[1]).prepare()
for _ in range(5):
    run()
made = 0

def count(frame, event, argument):
    global made
    made += event in ("call", "c_call")

sys.setprofile(count)
for _ in range(10):
    run()
sys.setprofile(None)
os.write(answer, str(made / (10 * SIZE)).encode())
"""


@pytest.mark.parametrize(("case", "most"), [("workerless_off", 265), ("workerless_full", 800)])
def test_message_of_a_batch_of_ten_costs_few_calls(case: str, most: int) -> None:
    """As counted, 246 and 774, and a little room."""
    counted = subprocess.run(
        [sys.executable, "-c", COUNT, case],
        cwd=ROOT,
        env=os.environ | ENVIRONMENT,
        check=True,
        capture_output=True,
        text=True,
    )

    assert most / 2 < float(counted.stdout) <= most


def test_rate_of_enqueueing_is_all_that_its_benchmark_prints() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bulk", "workerless_off", "20"],
        cwd=ROOT,
        env=os.environ | ENVIRONMENT,
        check=True,
        capture_output=True,
        text=True,
    )

    assert float(done.stdout) > 0
