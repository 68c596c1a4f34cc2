"""What people are told of jobs that failed: one alert for all of the last minute. Pure.

No payload, no result, no error's text: who may see these asks for the job, by the command or the
link that stands beside it. Which lines there are is bounded, however many jobs failed.
"""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from workerless.search import Listed
from workerless.states import State

MOST_GROUPS = 10
MOST_JOBS = 3
# SNS says "less than 100 characters", printable ASCII; one that it refused would be so each minute.
# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_MAX_SUBJECT = 99
_DONE = {State.FAILED: "failed", State.HELD: "held"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Jobs that ended for one reason, by one kind of error; ``first`` are some of them."""

    job_type: str
    state: State
    reason: str | None
    error_type: str | None
    number: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What failed, or is held, from ``since`` to ``until``; the largest group first.

    ``at_least`` tells that there are more than were counted. ``link`` leads to the page of a job
    in a console of the team's own: ``{job_id}`` stands for its id.
    """

    stage: str
    since: datetime
    until: datetime
    groups: tuple[Group, ...]
    at_least: bool = False
    link: str | None = None

    @property
    def number(self) -> int:
        return sum(group.number for group in self.groups)

    @property
    def job_types(self) -> tuple[str, ...]:
        """Those of which jobs failed, by name."""
        return tuple(sorted({group.job_type for group in self.groups}))

    @property
    def subject(self) -> str:
        """One line of less than 100 characters."""
        told = f"[{self.stage}] {self._count()} failed: {', '.join(self.job_types)}"
        return told if len(told) <= _MAX_SUBJECT else f"{told[: _MAX_SUBJECT - 3]}..."

    def text(self) -> str:
        """For people."""
        span = f"{self.since:%Y-%m-%d %H:%M:%S} to {self.until:%H:%M:%S} UTC"
        lines = [f"{self._count()} failed or held in stage {self.stage}, {span}.", ""]
        for group in self.groups[:MOST_GROUPS]:
            lines += [*self._lines(group), ""]
        left = self.groups[MOST_GROUPS:]
        if left:
            jobs = sum(group.number for group in left)
            lines += [f"and {jobs} more, of {len(left)} other kinds", ""]
        lines += ["All of them:"]
        lines += [self._command("dead", "list", name) for name in self.job_types]
        return "\n".join([*lines, "", "What to do: docs/runbook.md#dead-letters", ""])

    def shape(self) -> dict[str, object]:
        """As JSON data, for machines: all groups that ``text`` shows."""
        return {
            "stage": self.stage,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "number": self.number,
            "atLeast": self.at_least,
            "groups": [
                {
                    "jobType": group.job_type,
                    "state": group.state.value,
                    "reason": group.reason,
                    "errorType": group.error_type,
                    "number": group.number,
                    "jobs": list(group.first),
                }
                for group in self.groups[:MOST_GROUPS]
            ],
        }

    def _count(self) -> str:
        more = " or more" if self.at_least else ""
        return f"{self.number}{more} job{'' if self.number == 1 and not more else 's'}"

    def _lines(self, group: Group) -> list[str]:
        why = ", ".join(one for one in (group.reason, group.error_type) if one)
        lines = [f"{group.job_type}: {group.number} {_DONE[group.state]}, {_safe(why)}"]
        for job_id in group.first:
            lines.append(self._command("jobs", "show", job_id))
            if self.link is not None:
                lines.append(f"    {self.link.replace('{job_id}', _quoted(job_id))}")
        return lines

    def _command(self, *words: str) -> str:
        said = " ".join(shlex.quote(_safe(word)) for word in words)
        return f"    workerless --stage {self.stage} {said}"


def grouped(rows: Iterable[Listed]) -> tuple[Group, ...]:
    """The largest first, then by name."""
    found: dict[tuple[str, State, str | None, str | None], list[str]] = {}
    for row in rows:
        # Of a held job the reason says it all; a job's own words are never a failed job's reason.
        key = (row.job_type, row.state, row.reason, row.error_type)
        found.setdefault(key, []).append(row.job_id)
    groups = [
        Group(
            job_type=job_type,
            state=state,
            reason=reason,
            error_type=error_type,
            number=len(job_ids),
            first=_first(job_ids),
        )
        for (job_type, state, reason, error_type), job_ids in found.items()
    ]
    return tuple(sorted(groups, key=_order))


def _first(job_ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(job_ids[:MOST_JOBS])


def _order(group: Group) -> tuple[int, str, str, str]:
    return -group.number, group.job_type, group.reason or "", group.error_type or ""


def _safe(text: str) -> str:
    """Ids are anybody's, error types any class's: nothing that moves a cursor or ends a line."""
    return text if text.isascii() and text.isprintable() else ascii(text)[1:-1]


def _quoted(job_id: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 -- only with a link

    return quote(job_id, safe="", errors="backslashreplace")
