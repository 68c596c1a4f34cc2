"""Rate limiters in a table: one item each, one conditional update an ask.

Each condition is what ``flow.pacing.may`` says, in DynamoDB's words; a contract test compares them.
A write repeated since its answer was lost takes another slot: that keeps the limit, too.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from workerless.aws.item import Item
from workerless.aws.table import Refused, Table
from workerless.aws.update import Update
from workerless.aws.value import Value, expiry, number, text
from workerless.flow.pacing import Ask, Stand, Step, moment, repaced
from workerless.flow_ports import Stepped

# Slots lie a second or two ahead; of a line it is enough to know that of the last day.
_KEPT = timedelta(days=1)

_PAST = "attribute_not_exists(#taken) OR #taken <= :floor"
_NEAR = "#taken > :near AND #taken <= :horizon"
_PACE = "#interval = if_not_exists(#interval, :interval)"
_NEXT = "#taken = #taken + :cost"
_CONDITIONS: Mapping[Step, str] = {
    Step.BEGIN: "attribute_not_exists(#taken) OR (#taken <= :floor AND #line <= :floor)",
    Step.FOLLOW: f"{_NEAR} AND #line <= #taken",
    Step.OPEN: "#taken <= :quiet OR (#taken <= :floor AND #gap > :now)",
    Step.PASS: f"{_NEAR} AND #gap > :now",
    Step.RETURN: _PAST,
    Step.RETURN_AFTER: _NEAR,
    Step.QUEUE: "#line > #taken AND #taken > :quiet",
    Step.QUEUE_FIRST: "#line <= #taken",
    Step.REPACE: (
        "#taken = :seen_taken AND #line = :seen_line AND #gap = :seen_gap"
        " AND #interval = :seen_interval"
    ),
}
_CHANGES: Mapping[Step, tuple[str, ...]] = {
    Step.BEGIN: (
        "#taken = :anew",
        "#line = :anew",
        "#gap = if_not_exists(#gap, :none)",
        _PACE,
    ),
    Step.FOLLOW: (_NEXT, "#line = #taken + :cost"),
    Step.OPEN: ("#taken = :anew", "#gap = :gap"),
    Step.PASS: (_NEXT, "#gap = :gap"),
    Step.RETURN: (
        "#taken = :anew",
        "#line = if_not_exists(#line, :anew)",
        "#gap = :none",
        _PACE,
    ),
    Step.RETURN_AFTER: (_NEXT, "#gap = :none"),
    Step.QUEUE: ("#line = #line + :place",),
    Step.QUEUE_FIRST: ("#line = #taken + :place",),
    Step.REPACE: (
        "#taken = :new_taken",
        "#line = :new_line",
        "#gap = :none",
        "#interval = :interval",
    ),
}


class DynamoRates:
    """The limiters of one stage."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, limiter: str, step: Step, ask: Ask) -> Stepped:
        answer = self._table.update(_key(limiter), _update(step, ask))
        if isinstance(answer, Refused):
            return Stepped(is_done=False, stand=_stand(answer.old))
        return Stepped(is_done=True, stand=_stand(answer))


def _key(limiter: str) -> dict[str, Value]:
    return {"pk": text(f"LIMIT#{limiter}"), "sk": text("LIMIT")}


def _update(step: Step, ask: Ask) -> Update:
    condition, computed = _CONDITIONS[step], _CHANGES[step]
    known = {
        ":now": ask.now,
        ":near": ask.near,
        ":floor": ask.floor,
        ":quiet": ask.quiet,
        ":horizon": ask.horizon,
        ":cost": ask.cost,
        ":place": ask.place,
        ":anew": ask.floor + ask.cost,
        ":gap": ask.gap,
        ":none": 0,
        ":interval": ask.interval,
        **_repaced(ask),
    }
    said = set(re.findall(r":\w+", " ".join((condition, *computed))))
    return Update(
        condition=condition,
        changes={"expires_at": expiry(moment(ask.over) + _KEPT)},
        computed=computed,
        values={name: number(value) for name, value in known.items() if name in said},
    )


def _repaced(ask: Ask) -> dict[str, int]:
    if ask.seen is None:
        return {}
    seen, new = ask.seen, repaced(ask.seen, ask)
    return {
        ":seen_taken": seen.taken,
        ":seen_line": seen.line,
        ":seen_gap": seen.gap,
        ":seen_interval": seen.interval,
        ":new_taken": new.taken,
        ":new_line": new.line,
    }


def _stand(item: Item | None) -> Stand | None:
    if not item or "taken" not in item:
        return None
    kept = {name: int(item[name]["N"]) for name in ("taken", "line", "interval", "gap")}
    return Stand(**kept)
