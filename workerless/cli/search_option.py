"""The options that say which jobs are meant, the same for every command that takes many."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from workerless.cli.duration import duration
from workerless.cli.failure import CommandError
from workerless.cli.setting import Setting
from workerless.search import Search
from workerless.states import State

JobTypeName = Annotated[str, typer.Argument(metavar="TYPE", help="Name of the job type.")]
Limit = Annotated[int, typer.Option(min=1, max=200, help="How many at most.")]
Cursor = Annotated[
    str | None, typer.Option(help="Where the next page starts, as the last one said.")
]

_OPTIONS: dict[str, Any] = {
    "tenant": Annotated[str | None, typer.Option(help="Only jobs of this tenant.")],
    "group": Annotated[str | None, typer.Option(help="Only of this group: see `dead groups`.")],
    "error_type": Annotated[str | None, typer.Option(help="Only with this last error.")],
    "reason": Annotated[str | None, typer.Option(help="Only those that ended for this reason.")],
    "tag": Annotated[list[str] | None, typer.Option(help="Only with this tag; as often as need.")],
    "key": Annotated[
        list[str] | None, typer.Option(help="Only with this search key, FIELD=VALUE.")
    ],
    "text": Annotated[str | None, typer.Option(help="Only with this in id, reason, error, tag.")],
    "newer_than": Annotated[str | None, typer.Option(help="Only changed in the last, like 2h.")],
    "older_than": Annotated[str | None, typer.Option(help="Only not changed in the last 7d.")],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the options said; None and empty say nothing."""

    tenant: str | None = None
    group: str | None = None
    error_type: str | None = None
    reason: str | None = None
    tag: list[str] | None = None
    key: list[str] | None = None
    text: str | None = None
    newer_than: str | None = None
    older_than: str | None = None

    def search(self, setting: Setting, job_type: str | None, *states: State) -> Search:
        """Raises ``CommandError`` naming the option."""
        now = setting.world.now()
        return Search(
            job_type=job_type,
            states=frozenset(states),
            tenant=self.tenant,
            fingerprint=self.group,
            error_type=self.error_type,
            reason=self.reason,
            tags=frozenset(self.tag or ()),
            keys=dict(_pair(one) for one in self.key or ()),
            text=self.text,
            since=_ago(now, "--newer-than", self.newer_than),
            until=_ago(now, "--older-than", self.older_than),
        )

    def words(self) -> str:
        """As people say it: ``, of group 1f2e, of tenant acme``."""
        said = {
            "of group": self.group,
            "of tenant": self.tenant,
            "with error": self.error_type,
            "for reason": self.reason,
            "tagged": " and ".join(self.tag or ()),
            "with": " and ".join(self.key or ()),
            "with text": self.text,
            "newer than": self.newer_than,
            "older than": self.older_than,
        }
        return "".join(f", {word} {value}" for word, value in said.items() if value)


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """The command with all these options; it gets what they said as ``wanted``."""
    signature = inspect.signature(command)
    own = [one for one in signature.parameters.values() if one.name != "wanted"]
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint)
        for name, hint in _OPTIONS.items()
    ]

    @wraps(command)
    def run(*arguments: Any, **named: Any) -> None:
        wanted = Filter(**{name: named.pop(name) for name in _OPTIONS})
        command(*arguments, wanted=wanted, **named)

    # Typer reads both.
    run.__signature__ = signature.replace(parameters=[*own, *options])  # type: ignore[attr-defined]
    hints = get_type_hints(command, include_extras=True)
    run.__annotations__ = {
        name: hint for name, hint in hints.items() if name != "wanted"
    } | _OPTIONS
    return run


def _pair(text: str) -> tuple[str, str]:
    field, sign, value = text.partition("=")
    if not field or not sign:
        raise CommandError(f"--key must be FIELD=VALUE, got {text!r}")
    return field, value


def _ago(now: datetime, option: str, text: str | None) -> datetime | None:
    return None if text is None else now - duration(option, text)
