"""The workers of a checkout, each imported only when its first job runs."""

import importlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from workerless.discovery import Found, discover
from workerless.errors import DeclarationError
from workerless.job_type import JobType
from workerless.worker import Worker


def handlers(root: Path) -> list[tuple[JobType[Any, Any], Callable[[], Worker]]]:
    """The job types of ``functions/*/job.py`` and how to get the worker of each.

    ``root`` must be importable, as it is for the tests of a checkout. Raises ``DeclarationError``.
    """
    return [(found.job_type, partial(_load, found)) for found in discover(root)]


def _load(found: Found) -> Worker:
    module = importlib.import_module(f"functions.{found.folder}.handler")
    worker = getattr(module, "handler", None)
    if not isinstance(worker, Worker):
        raise DeclarationError(
            f"{found.path.with_name('handler.py')}: must say handler = worker(...)(perform), got "
            f"{type(worker).__name__}"
        )
    return worker
