"""``workerless audit``."""

import typer

from workerless.cli.job_view import print_table
from workerless.cli.output import people, print_json, safe
from workerless.cli.search_option import Cursor, Limit
from workerless.cli.setting import setting_of


def audit(ctx: typer.Context, limit: Limit = 50, cursor: Cursor = None) -> None:
    """List who changed what, when and why, the newest first."""
    setting = setting_of(ctx)
    sheet = setting.operations().audit.list(limit=limit, cursor=cursor)
    if setting.as_json:
        print_json({"entries": sheet.items, "cursor": sheet.cursor})
        return
    rows = [
        (
            f"{one.at:%Y-%m-%d %H:%M:%S}",
            one.by,
            one.verb,
            one.on,
            one.outcome or "not finished",
            one.number,
            one.why,
        )
        for one in sheet.items
    ]
    if rows:
        headings = ("at (UTC)", "by", "did", "on", "outcome", "jobs", "why")
        print_table(people(), headings, rows)
    else:
        people(stderr=True).print("nobody changed anything yet")
    if sheet.cursor:
        people(stderr=True).print(f"more: --cursor {safe(sheet.cursor)}")
