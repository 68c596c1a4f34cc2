"""A page of docs as something to do: its files are written, its commands run, its outputs checked.

A ``python`` block whose first line names a file is that file. A ``sh`` block is run by bash, with
the variables of those before it. A ``text`` block is what the commands before it print; ``...`` in
it stands for anything.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.expectation import UnmetExpectation

_BLOCK = re.compile(r"^```(python|sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (functions/[\w/]+\.py)\n")
_VARIABLES = ".walkthrough-variables"
# Variables are kept for the next block, however this one ends.
_PRELUDE = f"""
test ! -e {_VARIABLES} || . ./{_VARIABLES}
trap 'export -p > {_VARIABLES}' EXIT
set -euo pipefail -o allexport
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to write, by its path in the checkout."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """Lines of bash, and what they print (None: whatever it is)."""

    text: str
    prints: str | None


def steps(page: str, heading: str) -> list[File | Commands]:
    """What the section of ``page`` under ``heading`` says to do, in its order."""
    section = page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found: list[File | Commands] = []
    for language, text in _BLOCK.findall(section):
        match language, found:
            case "python", _:
                found.append(File(path=_named(text), text=text))
            case "sh", _:
                found.append(Commands(text=text, prints=None))
            case "text", [*before, Commands(prints=None) as last]:
                found = [*before, Commands(text=last.text, prints=text)]
            case _:
                raise ValueError(f"a text block must follow its commands, got {text[:40]!r}")
    return found


def take(step: File | Commands, root: Path, environ: Mapping[str, str]) -> str:
    """Do one step in the checkout ``root``; what it printed, on stdout.

    Raises ``UnmetExpectation`` where that, or how it ends, is not what the page says.
    """
    if isinstance(step, File):
        (root / step.path).write_text(step.text, encoding="utf-8")
        return ""
    ran = subprocess.run(  # noqa: S603 -- our own page
        ["/bin/bash", "-c", _PRELUDE + step.text],
        cwd=root,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise UnmetExpectation(f"{step.text}ended with {ran.returncode}\n{ran.stdout}{ran.stderr}")
    if step.prints is not None and not printed(step.prints, ran.stdout):
        raise UnmetExpectation(
            f"{step.text}printed\n{ran.stdout}{ran.stderr}where the page says\n{step.prints}"
        )
    return ran.stdout


def printed(wanted: str, got: str) -> bool:
    """Whether ``got`` is what the page says, line for line but for what ``...`` stands for."""
    parts = (re.escape(part) for part in wanted.strip().split("..."))
    return re.fullmatch(".*?".join(parts), got.strip(), re.DOTALL) is not None


def shown(step: File | Commands) -> Iterator[str]:
    """The lines of a step, as people would type them."""
    if isinstance(step, File):
        yield f"write {step.path}"
    else:
        yield from (f"$ {line}" for line in step.text.splitlines())


def _named(text: str) -> str:
    match = _FILE.match(text)
    if match is None:
        raise ValueError(f"a python block must begin with the path of its file, got {text[:40]!r}")
    return match[1]
