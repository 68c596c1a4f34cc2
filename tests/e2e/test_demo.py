"""``make demo`` as people run it, and interrupted as people interrupt it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.expectation import UnmetExpectation, expect
from tests.e2e.cloud import CHECKOUT, Cloud
from workerless.local import credentials, process, state, wire
from workerless.local.cloud import DIRECTORY_VARIABLE

pytestmark = pytest.mark.local_cloud

EARLY = "reading the job types"
AMIDST = "attempt 1"
INTERRUPTED = 130
# Who runs the tests in the background of a script has them, and all they start, ignore Ctrl-C.
_HEEDING = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("demo", run_name="__main__", alter_sys=True)
"""


def test_demo_shows_every_step_and_leaves_a_cloud_that_ran_before(cloud: Cloud) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=cloud.root,  # it deploys where it stands: from elsewhere the API would lose job types
        env=cloud.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    assert "\x1b" not in ran.stdout
    rows = [line.split() for line in ran.stdout.partition("Summary")[2].splitlines()]
    for name, ended in {
        "email": "completed",
        "image": "completed",
        "webhook": "completed",
        "bare": "completed",
        "poison": "failed",
        "refused": "failed",
        "bulk": "completed",
    }.items():
        assert [ended in row for row in rows if row[:1] == [name]] == [True], ran.stdout
    assert wire.get(cloud.running.port, "/_ministack/ready")


@pytest.mark.parametrize("moment", [EARLY, AMIDST])
def test_interrupted_demo_leaves_no_process_of_its_own(tmp_path: Path, moment: str) -> None:
    environ = {**credentials.without_aws(os.environ), DIRECTORY_VARIABLE: str(tmp_path)}
    demo = started_demo(CHECKOUT, environ, until=moment)
    running = state.recall(tmp_path)
    assert running is not None

    said = interrupt(demo)

    assert demo.returncode == INTERRUPTED
    assert said.splitlines()[-1] == "interrupted; what the demo started has been ended"
    assert process.members(demo.pid) == []
    assert process.members(running.pid) == []
    assert working_in(tmp_path) == []
    assert state.recall(tmp_path) is None


def test_interrupted_demo_leaves_a_cloud_that_ran_before(cloud: Cloud) -> None:
    demo = started_demo(cloud.root, cloud.environ, until=EARLY)

    interrupt(demo)

    assert demo.returncode == INTERRUPTED
    assert state.recall(cloud.directory) == cloud.running
    assert wire.get(cloud.running.port, "/_ministack/ready")


def test_unmet_expectation_says_what_was_expected_and_what_came() -> None:
    with pytest.raises(UnmetExpectation, match="emails: expected 2, got 3"):
        expect("emails", got=3, expected=2)


def started_demo(root: Path, environ: dict[str, str], until: str) -> subprocess.Popen[str]:
    """The demo, once it has said ``until``, in a process group of its own as under a shell."""
    demo = subprocess.Popen(
        [sys.executable, "-c", _HEEDING],
        cwd=root,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    assert demo.stdout is not None
    for line in demo.stdout:
        if until in line:
            return demo
    pytest.fail(f"the demo ended with {demo.wait()} without saying {until!r}")


def interrupt(demo: subprocess.Popen[str]) -> str:
    """Ctrl-C, twice: a terminal sends it to the whole group. What was said from then on."""
    for _ in range(2):
        os.killpg(demo.pid, signal.SIGINT)
    said, _ = demo.communicate(timeout=30)
    return said


def working_in(folder: Path) -> list[str]:
    """Command lines of the processes that were told of ``folder``; needs /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:
            continue  # gone while we looked
        if str(folder).encode() in told:
            found.append((entry / "cmdline").read_text())
    return found
