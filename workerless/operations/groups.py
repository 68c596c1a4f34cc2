"""Groups of dead jobs: counted when asked for, so always true. Only people's words are kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from workerless.audit import AuditTrail
from workerless.errors import OperationRefusedError
from workerless.ledger import Decision, Judgement
from workerless.operations.desk import Desk
from workerless.operations.group import Group, Status
from workerless.search import Listed, Search
from workerless.states import State

# More than these dead jobs of a type are not looked at.
LOOKED_AT = 20_000
_PAGE = 1_000
_SAMPLES = 5
_UNNAMED = "unknown"
_NAME = re.compile(rf"[0-9a-f]{{16}}|{_UNNAMED}")


class ErrorGroups:
    """Those of one stage, in the hands of one operator."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._audit = AuditTrail(desk)

    def list(self, job_type: str) -> list[Group]:
        """The groups there are, the largest first. Raises ``UnknownJobTypeError``."""
        self._desk.directory.find(job_type)
        decisions = self._desk.ledger.decisions(job_type)
        heaps, at_least = self._heaps(job_type)
        groups = [
            _group(heap, decisions.get(fingerprint), at_least=at_least)
            for fingerprint, heap in heaps.items()
        ]
        return sorted(groups, key=lambda group: (-group.count, group.fingerprint))

    def resolve(self, job_type: str, fingerprint: str, *, why: str | None = None) -> None:
        """Say that its cause is gone: it shows as reopened once another job fails of it."""
        self._decide("resolve", Judgement.RESOLVED, job_type, fingerprint, why)

    def ignore(self, job_type: str, fingerprint: str, *, why: str | None = None) -> None:
        """Say that nobody shall look at it."""
        self._decide("ignore", Judgement.IGNORED, job_type, fingerprint, why)

    def reopen(self, job_type: str, fingerprint: str, *, why: str | None = None) -> None:
        """Take the last word back."""
        self._decide("reopen", Judgement.OPEN, job_type, fingerprint, why)

    def _decide(
        self, verb: str, judgement: Judgement, job_type: str, fingerprint: str, why: str | None
    ) -> None:
        """Of a group that may have no dead job left.

        Raises ``UnknownJobTypeError``, and ``OperationRefusedError`` for no group's name.
        """
        desk = self._desk
        desk.directory.find(job_type)
        if not _NAME.fullmatch(fingerprint):
            raise OperationRefusedError(
                f"a group's name is 16 hexadecimal digits, as the list of groups says, got "
                f"{ascii(fingerprint)[:60]}"
            )
        decision = Decision(
            job_type=job_type,
            fingerprint=fingerprint,
            judgement=judgement,
            by=desk.by(),
            at=desk.clock.now(),
            why=why,
        )
        with self._audit.noted(verb, f"group {fingerprint} of {job_type}", why=why):
            desk.ledger.decide(decision)

    def _heaps(self, job_type: str) -> tuple[dict[str, "_Heap"], bool]:
        search = Search(job_type=job_type, states=frozenset({State.FAILED}))
        heaps: dict[str, _Heap] = {}
        cursor, seen = None, 0
        while True:
            page = self._desk.store.search(search, limit=_PAGE, cursor=cursor)
            for row in page.rows:
                heaps.setdefault(row.fingerprint or _UNNAMED, _Heap()).rows.append(row)
            cursor, seen = page.cursor, seen + len(page.rows)
            if cursor is None or seen >= LOOKED_AT:
                return heaps, cursor is not None


@dataclass(slots=True)
class _Heap:
    """The dead jobs of one fingerprint, the latest first."""

    rows: list[Listed] = field(default_factory=list)


def _group(heap: _Heap, decision: Decision | None, *, at_least: bool) -> Group:
    rows = sorted(heap.rows, key=lambda row: row.updated_at, reverse=True)
    latest = rows[0]
    return Group(
        job_type=latest.job_type,
        fingerprint=latest.fingerprint or _UNNAMED,
        error_type=latest.error_type,
        sample_message=latest.message or latest.reason or "",
        sample_ids=tuple(row.job_id for row in rows[:_SAMPLES]),
        count=len(rows),
        at_least=at_least,
        first_seen=rows[-1].updated_at,
        last_seen=latest.updated_at,
        status=_status(decision, rows),
        by=decision.by if decision else None,
        at=decision.at if decision else None,
        why=decision.why if decision else None,
    )


def _status(decision: Decision | None, rows: Sequence[Listed]) -> Status:
    match decision.judgement if decision else Judgement.OPEN:
        case Judgement.IGNORED:
            return Status.IGNORED
        case Judgement.RESOLVED if decision is not None:
            came_back = rows[0].updated_at > decision.at
            return Status.REOPENED if came_back else Status.RESOLVED
        case _:
            return Status.OPEN
