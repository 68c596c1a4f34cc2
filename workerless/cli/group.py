"""How every command ends: expected errors as one line, Ctrl-C and closed pipes quietly."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError, explain
from workerless.cli.output import safe

_FLAGS = ("--json",)
_VALUES = ("--stage",)


class CommandLine(TyperGroup):
    """The root. ``--stage`` and ``--json`` may stand anywhere, in front of ``--``."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Runs one command and exits."""
        try:
            code = super().main(*args, **{**extra, "standalone_mode": False})
        except typer.TyperException as error:
            _complain(f"{error.format_message().rstrip('.')}; see `{_command(error)} --help`")
            code = error.exit_code
        except Exception as error:
            explained = explain(error)
            if explained is None:
                raise
            code, message = explained
            _complain(message)
        sys.exit(code or ExitCode.OK)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts the two options in front, where the root looks for them."""
        return super().parse_args(ctx, _hoist(args))

    def invoke(self, ctx: Any) -> Any:
        """Ends quietly when whoever read our output has had enough."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The interpreter flushes once more when it exits: give it something that takes it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(ExitCode.OK) from None
        return result


def _hoist(args: list[str]) -> list[str]:
    end = args.index("--") if "--" in args else len(args)
    front: list[str] = []
    rest: list[str] = []
    words = iter(args[:end])
    for word in words:
        if word in _FLAGS or word.startswith(tuple(f"{name}=" for name in _VALUES)):
            front.append(word)
        elif word in _VALUES:
            front += [word, _value(word, words)]
        else:
            rest.append(word)
    return front + rest + args[end:]


def _value(option: str, words: Iterator[str]) -> str:
    value = next(words, None)
    if value is None:
        raise CommandError(f"{option} must be followed by its value, got nothing")
    return value


def _complain(message: str) -> None:
    # A deployment's error carries the end of a log: the one message that has lines.
    lines = [safe(line) for line in message.splitlines()]
    sys.stderr.write("workerless: " + "\n".join(lines) + "\n")


def _command(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context else "workerless"
