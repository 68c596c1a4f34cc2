"""What holds of every GitHub workflow here, as rules over its text: each yields what breaks it."""

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
import yaml

from workerless.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
_PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
_USES = re.compile(r"^\s*(?:- )?uses: (.+)$", re.MULTILINE)
_TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
# Of what a job may be allowed, all that changes anything: the token for AWS, nothing of GitHub's.
_WRITES = {"id-token"}
_SHELL = {"cat"}


def files() -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(FOLDER.glob("*"))}


def jobs(text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(text)["jobs"]
    return found


def steps(text: str) -> Iterator[Mapping[str, Any]]:
    for job in jobs(text).values():
        yield from job.get("steps", [])


def uses(text: str) -> list[str]:
    """The actions that are used, with all that stands behind them."""
    return _USES.findall(text)


def actions_are_pinned(text: str) -> Iterator[str]:
    """By commit, and the comment says of which release; what is our own is a file."""
    for used in uses(text):
        if used.startswith("$/"):
            if not (ROOT / used.removeprefix("$/")).is_file():
                yield f"{used} is no file"
        elif not _PINNED.fullmatch(used):
            yield f"{used} is not pinned by commit, with its version beside it"


def nothing_is_granted_at_large(text: str) -> Iterator[str]:
    """Each job says what it may, and changes nothing at GitHub."""
    if yaml.safe_load(text).get("permissions") != {}:
        yield "permissions of the workflow must be {}"
    for name, job in jobs(text).items():
        if "permissions" not in job:
            yield f"{name} says nothing of its permissions"
        for scope, level in job.get("permissions", {}).items():
            if level != "read" and scope not in _WRITES:
                yield f"{name} may {level} {scope}"


def jobs_end(text: str) -> Iterator[str]:
    for name, job in jobs(text).items():
        if "steps" in job and "timeout-minutes" not in job:
            yield f"{name} has no timeout-minutes"


def runs_do_not_pile_up(text: str) -> Iterator[str]:
    if "concurrency" not in yaml.safe_load(text):
        for name, job in jobs(text).items():
            if "concurrency" not in job and "steps" in job:
                yield f"{name} has no concurrency"


def nobody_writes_our_scripts(text: str) -> Iterator[str]:
    """What others can choose (a branch's name, a title) reaches a script as a variable only."""
    for step in steps(text):
        if "${{" in step.get("run", ""):
            yield f"an expression in a script: {step['run']}"
    if "pull_request_target" in text or "workflow_run" in text:
        yield "a trigger that gives the code of a stranger the rights of ours"
    if "secrets." in text or "secrets: inherit" in text:
        yield "a secret: roles are assumed by OIDC, there is none"


def credentials_are_not_left_behind(text: str) -> Iterator[str]:
    for step in steps(text):
        kept = step.get("with", {}).get("persist-credentials") is not False
        if step.get("uses", "").startswith("actions/checkout@") and kept:
            yield "actions/checkout leaves its token in .git"


def words_of_a_variable_are_whole(text: str) -> Iterator[str]:
    """Between blanks: ``prod`` is no part of ``preprod``."""
    for found in re.findall(r"contains\(vars\.\w+.*\)", text):
        yield f"{found} finds parts of words, too: format(' {{0}} ', vars...), ' word '"


def commands_exist(text: str) -> Iterator[str]:
    """Every target of make, every command of ours, every script."""
    for step in steps(text):
        for words in _commands(step.get("run", "")):
            yield from _missing(words)


def _commands(script: str) -> Iterator[list[str]]:
    for line in script.splitlines():
        for part in re.split(r"\|\||&&|\||;", line.split(" #")[0]):
            if words := shlex.split(part):
                yield words


def _missing(words: list[str]) -> Iterator[str]:
    name, known = words[0], _SHELL
    match words:
        case ["make", name, *_]:
            known = {*_TARGET.findall((ROOT / "Makefile").read_text())}
        case [".venv/bin/workerless", name, *_]:
            known = {*typer.main.get_command(app).commands}  # type: ignore[attr-defined]
        case ["bash" | "python3" | ".venv/bin/python", name, *_]:
            known = {name} if (ROOT / name).is_file() else set()
    if name not in known:
        yield " ".join(words)
