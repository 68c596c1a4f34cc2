"""``workerless jobs``: one job or many, in any state.

What is asked for most is there without ``jobs``, too: the same commands, under two names.
"""

import typer

from workerless.cli import follow, logs, move

commands = typer.Typer(help="Jobs: find, show, follow, call off, move.", add_completion=False)

commands.command("list")(follow.list_jobs)
commands.command("show")(follow.status)
commands.command("wait")(follow.wait)
commands.command("logs")(logs.logs)
commands.command("cancel")(follow.cancel)
commands.command("send-event")(follow.send_event)
commands.command("reschedule")(move.reschedule)
commands.command("promote")(move.promote)
