"""Installs a requirements file for the platform the functions run on: uv and wheels, no Docker."""

import compileall
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from py_compile import PycInvalidationMode

from infra.artifact import ROOT, Artifact, build_once
from workerless.errors import WorkerlessError

PYTHON = "3.13"
# What no function reads. METADATA stays: some packages look up the version of another.
_NOT_SHIPPED = ("RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json", "uv_cache.json")


def install(requirements: Path, *, platform: str, prefix: str, into: Path) -> Artifact:
    """What ``requirements`` (every package pinned by hash) comes to on ``platform``.

    ``prefix`` is where Lambda puts it, for tracebacks. The first time needs the package index or
    uv's cache, later ones neither. Raises ``WorkerlessError`` with what uv said.
    """

    def build(directory: Path) -> None:
        _install(requirements, platform=platform, directory=directory)
        _trim(directory)
        compile_tree(directory, prefix=prefix)

    how = Path(__file__).read_text(encoding="utf-8")  # what is trimmed otherwise is built anew
    inputs = (platform, prefix, requirements.read_text(encoding="utf-8"), how)
    return build_once("wheels", inputs, build, into=into)


def compile_tree(directory: Path, *, prefix: str) -> None:
    """Adds bytecode that Lambda loads unchecked: it cannot write any, so each cold start compiles.

    A file that does not compile fails where it is imported, with a better message.
    """
    if f"{sys.version_info.major}.{sys.version_info.minor}" != PYTHON:
        raise WorkerlessError(
            f"bytecode for Lambda must be compiled by Python {PYTHON}, "
            f"got {sys.version.split()[0]}; run this with .venv/bin/python"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about other people's escapes
        compileall.compile_dir(
            directory,
            quiet=2,
            stripdir=str(directory),
            prependdir=prefix,
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        )


def _install(requirements: Path, *, platform: str, directory: Path) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps"]
    command += ["--target", str(directory), "--python", sys.executable, "--link-mode", "copy"]
    command += ["--python-platform", platform, "--python-version", PYTHON]
    command += ["--only-binary", ":all:", "--require-hashes", "--requirement", str(requirements)]
    cache = {"UV_CACHE_DIR": str(ROOT / ".tools" / "uv-cache")}  # nothing outside the checkout
    done = subprocess.run(  # noqa: S603 -- no shell, our own arguments
        command, env=cache | os.environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise WorkerlessError(
            f"{requirements}: uv could not install it for {platform}:\n{done.stderr.strip()}"
        )


def _trim(directory: Path) -> None:
    shutil.rmtree(directory / "bin", ignore_errors=True)
    (directory / ".lock").unlink(missing_ok=True)
    unread = [*directory.rglob("tests"), *directory.glob("*.dist-info/sboms")]
    for folder in [path for path in unread if path.is_dir()]:
        shutil.rmtree(folder, ignore_errors=True)  # one may lie in another
    for path in directory.rglob("*"):
        if path.suffix == ".pyi" or (
            path.parent.suffix == ".dist-info" and path.name in _NOT_SHIPPED
        ):
            path.unlink()
    for path in directory.glob("*.dist-info/METADATA"):
        _drop_description(path)


def _drop_description(metadata: Path) -> None:
    """The headers stay, which packages look up; what follows is the project's whole README."""
    headers, _, _ = metadata.read_bytes().partition(b"\n\n")
    metadata.write_bytes(headers + b"\n\n")
