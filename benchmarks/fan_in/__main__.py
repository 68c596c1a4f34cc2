"""``make fanin``: the same jobs as members and as no members, in one run on one machine.

Prints tables; ends with 1 where a member costs more writes than is promised.
"""

import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from benchmarks.fan_in.cloud import counting_cloud
from benchmarks.fan_in.measure import Bench, Measured
from workerless.client import connect
from workerless.local.deploy import STAGE

# Of a member that comes alone: put, claim, finish, mark; and its part of five of its page.
_MOST_WRITES = 4.2
_WARM = 50
_FOLLOWED = (100, 1_000)
# So many times fewer that come one by one: each takes an invocation.
_SLOWER = 10


def main() -> int:
    members = int(sys.argv[1])
    with counting_cloud() as cloud:
        bench = Bench(cloud=cloud, client=connect(STAGE))
        for name in ("tens", "ones"):
            bench.batch(name, _WARM)
        bench.chord("tens", _FOLLOWED[0])
        print(f"\n{_machine()}\n\n{_HEAD}", flush=True)
        found = [_told(bench.chord("tens", size)) for size in _FOLLOWED]
        found += [_told(bench.bare("tens", members)), _told(bench.batch("tens", members))]
        found.append(_told(bench.chord("tens", members)))
        few = max(members // _SLOWER, 1)
        found += [_told(bench.bare("ones", few)), _told(bench.batch("ones", few))]
    print("\n".join(["", *_kinds(found)]))
    return int(any(one.counts.written > _MOST_WRITES * one.jobs for one in found))


def _machine() -> str:
    now = datetime.now(UTC).date().isoformat()
    return f"{now}, Python {platform.python_version()}, {platform.machine()}"


_HEAD = (
    "| | jobs | asked for in s | ended in s | jobs/s | items written a job | requests a job: write"
    " | read | send | what follows began after s |\n|---" + "|---" * 9 + "|"
)


def _told(one: Measured) -> Measured:
    counts, jobs = one.counts, one.jobs
    figures = [counts.written, counts.writes, counts.reads, counts.sends]
    cells = [
        *(one.title, f"{jobs:,}", f"{one.filled:.1f}", f"{one.ended:.1f}"),
        f"{jobs / one.ended:.0f}",
        *(f"{figure / jobs:.2f}" for figure in figures),
        "" if one.follows is None else f"{one.follows:.2f}",
    ]
    print(f"| {' | '.join(cells)} |", flush=True)
    return one


def _kinds(found: Sequence[Measured]) -> list[str]:
    """Items written a job, by what they are."""
    kinds = sorted({kind for one in found for kind in one.counts.by_kind()})
    lines = [f"| | {' | '.join(kinds)} |", "|---" * (1 + len(kinds)) + "|"]
    for one in found:
        by_kind = one.counts.by_kind()
        cells = " | ".join(f"{by_kind[kind] / one.jobs:.3f}" for kind in kinds)
        lines.append(f"| {one.title}, {one.jobs:,} | {cells} |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
