"""Looks for what is known to be dangerous: in the code, in the workflows, in what is pinned.

``make security`` does all of it, ``make security ONLY="code workflows"`` what needs no network. The
tools live in an environment of their own, pinned by ``requirements/security.txt``.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".venv" / "bin" / "uv"
PYTHON = ROOT / ".venv" / "bin" / "python"
TOOLS = ROOT / ".tools" / "security"
FOLDERS = ("workerless", "functions", "infra", "tools", "demo", "benchmarks")

type Command = Sequence[str]


def code() -> list[Command]:
    """Bandit; pyproject.toml says which of its rules ruff judges line by line already."""
    return [("bandit", "-q", "-c", "pyproject.toml", "-r", *FOLDERS)]


def workflows() -> list[Command]:
    """Their schemas, and zizmor's audits of what can be made of them."""
    files = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(".github/workflows/*.yml"))
    schema = ("check-jsonschema", "--quiet", "--builtin-schema")
    return [
        (*schema, "vendor.github-workflows", *files),
        (*schema, "vendor.dependabot", ".github/dependabot.yml"),
        ("zizmor", "--offline", "--pedantic", "--no-progress", "-q", ".github"),
    ]


def packages() -> list[Command]:
    """Every locked file. Strict: a package nothing could be learnt of is no package without holes.

    Nothing is installed or resolved for it: each file is whole, and pinned by hashes.
    """
    locks = sorted([*ROOT.glob("requirements/*.txt"), *ROOT.glob("functions/*/requirements.txt")])
    named = [word for path in locks for word in ("-r", str(path.relative_to(ROOT)))]
    strict = ("--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off")
    return [("pip-audit", *strict, *named)]


PARTS: dict[str, Callable[[], list[Command]]] = {
    "code": code,
    "workflows": workflows,
    "packages": packages,
}


def main(asked: Sequence[str]) -> int:
    """Runs the parts ``asked`` for, without any all of them; 1 when one of them found something."""
    if unknown := [name for name in asked if name not in PARTS]:
        raise SystemExit(f"security: ONLY must be of {', '.join(PARTS)}, got {unknown[0]}")
    _bring()
    found = False
    for name in asked or PARTS:
        ended = [_run(TOOLS / "bin" / command[0], *command[1:]) for command in PARTS[name]()]
        found = found or any(ended)
        print(f"security: {name}: {'see above' if any(ended) else 'nothing found'}", flush=True)
    return 1 if found else 0


def _bring() -> None:
    if not (TOOLS / "bin" / "python").exists():
        _must(UV, "venv", "-q", "--python", PYTHON, TOOLS)
    pins = ROOT / "requirements" / "security.txt"
    _must(UV, "pip", "sync", "-q", "--python", TOOLS / "bin" / "python", "--require-hashes", pins)


def _must(*command: object) -> None:
    if _run(*command) != 0:
        raise SystemExit(f"security: this failed: {' '.join(map(str, command))}")


def _run(*command: object) -> int:
    # What was asked of the surrounding environment's Python is none of the tools' business.
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=ROOT, env=bare, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
