"""Which schedules somebody sees, a page at a time."""

import json

from workerless.cursor import opened, seal
from workerless.schedule.stand import Stand
from workerless.schedule_ports import Stands
from workerless.scheduling.desk import ScheduleDesk

# Pages of the index that one page of a tenant's may take: most schedules are of others.
_MOST_PAGES = 10


def is_seen(stand: Stand, tenant: str | None) -> bool:
    """Whether it is of a schedule, and that of ``tenant``; with None all are."""
    return stand.plan is not None and tenant in (None, stand.plan.tenant)


def page_of(desk: ScheduleDesk, tenant: str | None, *, limit: int, cursor: str | None) -> Stands:
    """Those that ``tenant`` sees, at most ``limit``, and maybe fewer though more follow.

    Raises ``CursorRefusedError``.
    """
    # Where a page ends may be somebody else's schedule: nobody shall read it in a cursor.
    of = json.dumps(["schedules", tenant])
    at = None if cursor is None else opened(cursor, of=of, secret=desk.store.secret())
    found: list[Stand] = []
    for _ in range(_MOST_PAGES):
        page = desk.stands.page(limit=limit - len(found), cursor=at)
        found += [one for one in page.found if is_seen(one, tenant)]
        at = page.cursor
        if at is None or len(found) == limit:
            break
    sealed = None if at is None else seal(at, of=of, secret=desk.store.secret())
    return Stands(found=tuple(found), cursor=sealed)
