"""Processes are found, told apart and ended."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from workerless.local import process

# Says when it is ready, so that no test has to guess.
_WAITS = "print('ready', flush=True); input()"
_STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {_WAITS}"
_PARENT = (
    "import subprocess, sys;"
    f"subprocess.Popen([sys.executable, '-c', {_WAITS!r}], stdin=subprocess.PIPE).wait()"
)


@pytest.fixture
def child(request: pytest.FixtureRequest) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        [sys.executable, "-c", request.param],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"ready\n"
        yield started
        process.end_group(started.pid, grace_seconds=0)


@pytest.mark.parametrize("child", [_WAITS], indirect=True)
def test_living_process_is_found_with_its_command(child: "subprocess.Popen[bytes]") -> None:
    found = process.find(child.pid)

    assert found is not None
    assert (found.pid, found.group) == (child.pid, child.pid)
    assert found.command.startswith(sys.executable)
    assert process.find(child.pid) == found


def test_own_group_holds_this_process() -> None:
    assert os.getpid() in {member.pid for member in process.members(os.getpgrp())}


@pytest.mark.parametrize("child", [_WAITS, _STUBBORN, _PARENT], indirect=True)
def test_group_is_ended_whatever_it_does(child: "subprocess.Popen[bytes]") -> None:
    process.end_group(child.pid, grace_seconds=0.1)

    assert process.members(child.pid) == []
    # Dead but not yet reaped by us: a zombie counts as gone.
    assert process.find(child.pid) is None


@pytest.mark.parametrize("child", [_WAITS], indirect=True)
def test_ending_what_is_gone_does_nothing(child: "subprocess.Popen[bytes]") -> None:
    child.communicate(b"\n")

    process.end_group(child.pid, grace_seconds=0)


def test_line_of_ps_is_read_where_there_is_no_proc() -> None:
    line = "  411   410 Ss   Sun Nov 22 02:09:03 2026 /usr/bin/python -P /a b/emulator.py"

    assert process.from_ps_line(line) == process.Process(
        pid=411,
        group=410,
        started="Sun Nov 22 02:09:03 2026",
        command="/usr/bin/python -P /a b/emulator.py",
    )


def test_zombie_in_ps_is_gone() -> None:
    assert process.from_ps_line("  411   410 Z    Sun Nov 22 02:09:03 2026 (python)") is None
