"""Starts and ends the emulator process."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from workerless.local import emulator, process, runtime, state, wire
from workerless.local.command import tail
from workerless.local.errors import LocalCloudError

DEFAULT_PORT = 4566
_HOST = "127.0.0.1"
_READY_SECONDS = 30.0
_GRACE_SECONDS = 3.0


def free_port(wanted: int) -> int:
    """``wanted`` if nobody listens there, else one that the system picks. 0 always lets it pick."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise LocalCloudError(f"no port is free on {_HOST}; end something that listens there")


def start(directory: Path, port: int, script: str = emulator.__file__) -> state.Running:
    """Start an empty emulator on ``port``, by its ``script``, and wait until it answers.

    Raises ``LocalCloudError`` with the end of its log when it does not, and has ended it then.
    """
    for name in ("home", "tmp"):
        shutil.rmtree(directory / name, ignore_errors=True)
        (directory / name).mkdir(parents=True)
    functions_python = runtime.build(directory / "runtime")
    log = directory / "emulator.log"
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 -- our own command
            # -P: a script's own folder, full of our modules, is no place to import from.
            [sys.executable, "-P", script, str(functions_python)],
            cwd=directory / "home",
            env=_environment(directory, port),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Own session: Ctrl-C is not for it, and its functions end with its process group.
            start_new_session=True,
        )
    try:
        running = _remember(child, directory, port)
        _wait(child, directory, port)
    except BaseException:
        process.end_group(child.pid, grace_seconds=_GRACE_SECONDS)
        child.wait()
        state.forget(directory)
        raise
    # It outlives this command on purpose, which Popen would warn of.
    child.returncode = 0
    return running


def end(directory: Path, running: state.Running) -> None:
    """End the emulator and every function process it started, and delete what they wrote."""
    process.end_group(running.pid, grace_seconds=_GRACE_SECONDS)
    state.forget(directory)
    for name in ("home", "tmp", "runtime"):
        shutil.rmtree(directory / name, ignore_errors=True)


def _remember(child: subprocess.Popen[bytes], directory: Path, port: int) -> state.Running:
    """Before it is ready: even a command killed while it waits leaves no unknown process."""
    found = process.find(child.pid)
    if found is None:
        raise _failed(directory)
    return state.remember(directory, found, port)


def _wait(child: subprocess.Popen[bytes], directory: Path, port: int) -> None:
    process.wait_until(lambda: child.poll() is not None or _is_ready(port), seconds=_READY_SECONDS)
    # Asked again in this order: what answers on the port could be another's.
    if not _is_ready(port) or child.poll() is not None:
        raise _failed(directory)


def _failed(directory: Path) -> LocalCloudError:
    log = directory / "emulator.log"
    return LocalCloudError(f"the emulator did not start; the end of {log}:\n{tail(log)}")


def _is_ready(port: int) -> bool:
    try:
        wire.get(port, "/_ministack/ready")
    except LocalCloudError:
        return False
    return True


def _environment(directory: Path, port: int) -> dict[str, str]:
    """All that the emulator sees, and all that functions inherit from it: nothing of the user's."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(directory / "home"),
        "TMPDIR": str(directory / "tmp"),
        "STATE_DIR": str(directory / "tmp" / "state"),
        "S3_DATA_DIR": str(directory / "tmp" / "s3"),
        "BIND_HOST": _HOST,
        "GATEWAY_PORT": str(port),
        # In queue addresses; localhost may mean ::1 first, where nobody listens.
        "MINISTACK_HOST": _HOST,
        # Both listen on every interface.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PYTHONUNBUFFERED": "1",
    }
