"""``make bench``: measures, prints, and writes the tables of ``docs/benchmarks.md``."""

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import measure
from benchmarks.measure import Figures
from infra.artifact import ROOT

_WHOLE = 100  # from here on three digits need no fraction
PAGE = ROOT / "docs" / "benchmarks.md"
_TITLES = {
    "workerless_full": "Workerless, tracking `full`",
    "workerless_lean": "Workerless, tracking `lean`",
    "workerless_off": "Workerless, tracking `off`",
    "powertools_batch": "Powertools batch + pydantic: no record, no retry policy",
    "powertools_idempotent": "the same + Powertools idempotency (DynamoDB)",
    "partiql": "by hand: two PartiQL batches a batch",
    "celery_worker": "Celery worker, SQS and DynamoDB results, delete included",
    "raw": "`send_message_batch`, one at a time",
    "raw_threads": "`send_message_batch`, eight threads",
    "celery": "Celery `apply_async`",
    "workerless_worker": "Workerless worker",
    "powertools_worker": "Powertools Logger, Metrics, batch + pydantic + two boto3 clients",
    "own": "of these, modules of Workerless",
    "layer": "Workerless' layer",
}


def main() -> None:
    """Prints as it goes, for it takes some minutes; the page is written at the end."""
    sections = [
        _section(
            "A message's CPU",
            {
                "M instructions": measure.message_instructions(),
                "us": measure.message_microseconds(),
            },
            to="powertools_idempotent",
        ),
        _section(
            "Enqueueing many, 8 ms a round trip", {"jobs/s": measure.bulk_rates()}, "raw_threads"
        ),
        _section(
            "A cold start",
            {"M instructions": measure.cold_instructions(), "ms": measure.cold_milliseconds()},
            to="powertools_worker",
        ),
        _section("What is shipped", {"MB": measure.megabytes()}, "Powertools and pydantic"),
    ]
    _write("\n\n".join([_machine(), *sections]))


def _section(title: str, columns: dict[str, Figures], to: str) -> str:
    """A table with a row a contestant; each figure also as a ratio to that of ``to``."""
    head = " | ".join(f"{unit} | ratio" for unit in columns)
    lines = [f"| | {head} |", "|---" * (1 + 2 * len(columns)) + "|"]
    names = max(columns.values(), key=len)
    for name in names:
        cells = [_cells(figures, name, to) for figures in columns.values()]
        lines.append(f"| {_TITLES.get(name, name)} | {' | '.join(cells)} |")
    table = "\n".join(lines)
    print(f"{title}\n{table}\n", flush=True)
    return f"### {title}\n\n{table}"


def _cells(figures: Figures, name: str, to: str) -> str:
    if name not in figures:
        return " | "
    figure = figures[name]
    shown = f"{figure:,.0f}" if figure >= _WHOLE else f"{figure:.3g}"
    return f"{shown} | {figure / figures[to]:.2f}"


def _machine() -> str:
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    name = processor[1] if processor else platform.processor()
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {name}, {os.cpu_count()} cores, {platform.platform()}, "
        f"Python {platform.python_version()}."
    )


def _write(results: str) -> None:
    """Replaces what follows the page's last heading of the second level."""
    kept, heading, _ = PAGE.read_text().rpartition("## Results\n")
    PAGE.write_text(f"{kept}{heading}\n{results}\n")


if __name__ == "__main__":
    main()
