"""A little of CloudWatch Logs Insights: enough to ask our lines what our queries ask.

Lines are JSON, or reports of Lambda's, as members of ``@type`` REPORT. What it does not know it
refuses, so a query that grows beyond it fails its test.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

type Line = Mapping[str, Any]
type Rows = list[dict[str, Any]]

_STATISTIC = re.compile(r"(count|count_distinct|max)\((\*|@?\w+)\) as (\w+)")


def ask(query: str, lines: Sequence[Line]) -> Rows:
    """The rows that ``query`` gives. Raises ``AssertionError`` for what is not known here."""
    rows: Rows = [dict(line) for line in lines]
    shown: list[str] = []
    for command in (part.strip() for part in query.split("\n| ")):
        verb, _, rest = command.partition(" ")
        match verb:
            case "fields":
                shown = rest.split(", ")
            case "filter":
                rows = [row for row in rows if _condition(rest)(row)]
            case "stats":
                rows = _stats(rest, rows)
            case "sort":
                field, _, way = rest.partition(" ")
                with_it = [row for row in rows if field in row]
                rows = sorted(with_it, key=lambda row: row[field], reverse=way == "desc")
            case "limit":
                rows = rows[: int(rest)]
            case _:
                raise AssertionError(f"unknown command {command!r}")
    return [{name: row[name] for name in shown if name in row} for row in rows] if shown else rows


def asked(query: str) -> set[str]:
    """The fields of lines that a query names."""
    made = set(re.findall(r" as (\w+)", query))
    without_texts = re.sub(r'"[^"]*"', "", query)
    words = set(re.findall(r"@?[A-Za-z_]\w*", without_texts))
    ours = {"fields", "filter", "stats", "sort", "limit", "by", "as", "in", "desc", "asc"}
    return words - ours - made - {"count", "count_distinct", "max", "ispresent"}


def _condition(text: str) -> Callable[[Line], bool]:
    if present := re.fullmatch(r"ispresent\((\w+)\)", text):
        return lambda row: present[1] in row
    if listed := re.fullmatch(r"(\w+) in \[(.+)\]", text):
        among = {one.strip('"') for one in listed[2].split(", ")}
        return lambda row: row.get(listed[1]) in among
    if equal := re.fullmatch(r'(@?\w+) = "([^"]*)"', text):
        return lambda row: row.get(equal[1]) == equal[2]
    raise AssertionError(f"unknown condition {text!r}")


def _stats(text: str, rows: Rows) -> Rows:
    wanted, _, keys = text.partition(" by ")
    by = keys.split(", ")
    statistics = [_STATISTIC.fullmatch(one) for one in wanted.split(", ")]
    groups: dict[tuple[Any, ...], Rows] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(key) for key in by), []).append(row)
    made: Rows = []
    for group, members in groups.items():
        row = dict(zip(by, group, strict=True))
        for one in statistics:
            assert one is not None, f"unknown statistic in {text!r}"
            row[one[3]] = _figure(one[1], one[2], members)
        made.append(row)
    return made


def _figure(how: str, field: str, rows: Rows) -> Any:
    found: list[Any] = [row[field] for row in rows if field in row] if field != "*" else [*rows]
    if how == "max":
        return max(found, default=None)
    return len({str(one) for one in found}) if how == "count_distinct" else len(found)
