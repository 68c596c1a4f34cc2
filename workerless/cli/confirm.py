"""Asking before anything is done that cannot be taken back."""

from typing import Annotated

import typer

from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError
from workerless.cli.output import safe
from workerless.cli.setting import Setting

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; needed where nobody can answer.")]


def confirm(setting: Setting, question: str, *, yes: bool) -> None:
    """Returns once somebody has said yes. Raises ``CommandError`` when nothing shall be done."""
    if yes:
        return
    if not setting.world.is_terminal():
        raise CommandError(f"{question} nobody is there to say so; add --yes")
    if not _says_yes(question):
        raise CommandError("nothing was changed", ExitCode.NOT_COMPLETED)


def _says_yes(question: str) -> bool:
    try:
        return typer.confirm(safe(question), err=True)
    except typer.Abort:  # Ctrl-C or Ctrl-D
        return False


def jobs(number: int, *, at_least: bool = False) -> str:
    """``1 job``, ``at least 500 jobs``."""
    return f"{'at least ' if at_least else ''}{number} job{'' if number == 1 else 's'}"
