"""``workerless docs``: the page about the job types, and keeping the one a project keeps."""

from pathlib import Path

import typer

from workerless.catalogue import catalogue
from workerless.cli.checkout import need_checkout
from workerless.cli.output import print_json
from workerless.cli.setting import setting_of
from workerless.discovery import discover

# Where a project that wants the page in its repository keeps it.
PAGE = Path("docs", "catalogue.md")


def docs(ctx: typer.Context) -> None:
    """Print a page about every job type of this checkout, in Markdown."""
    setting = setting_of(ctx)
    page = _page(need_checkout(setting.world.folder))
    if setting.as_json:
        print_json({"markdown": page})
    else:
        typer.echo(page, nl=False)


def refresh(root: Path) -> Path | None:
    """Write the page of the checkout ``root`` again if it keeps one; its path, or None."""
    path = root / PAGE
    if not path.is_file():
        return None
    path.write_text(_page(root), encoding="utf-8")
    return path


def _page(root: Path) -> str:
    return catalogue(one.job_type for one in discover(root))
