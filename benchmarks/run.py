"""Runs a Python of the benchmarks' own environment, plainly or counted by callgrind."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from infra.artifact import ROOT
from workerless.errors import WorkerlessError

PYTHON = ROOT / ".tools" / "benchmarks" / "bin" / "python"
ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "PYTHONHASHSEED": "0",
    "PYTHONWARNINGS": "ignore",
    "AWS_LAMBDA_FUNCTION_NAME": "greet",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "WORKERLESS_STAGE": "local",
    "WORKERLESS_TABLE": "table",
    "WORKERLESS_BUCKET": "bucket",
    "WORKERLESS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/greet",
    "WORKERLESS_DEAD_LETTER_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/greet-dead",
}
_COLLECTED = re.compile(r"Collected : (\d+)")


def figure(*arguments: str) -> float:
    """The number that a program prints."""
    return float(_run([str(PYTHON), *arguments]).stdout)


def instructions(*arguments: str) -> int:
    """Those that the whole program takes, in user space: the same however busy the machine is."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise WorkerlessError("instructions are counted by valgrind, which is not on PATH")
    command = [valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null", str(PYTHON)]
    found = _COLLECTED.search(_run([*command, *arguments]).stderr)
    if found is None:
        raise WorkerlessError("valgrind said nothing of instructions collected")
    return int(found[1])


def site_packages() -> Path:
    """Where the environment's packages are."""
    return next((PYTHON.parents[1] / "lib").glob("python*/site-packages"))


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        env=os.environ | ENVIRONMENT,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WorkerlessError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done
