"""Workerless with tracking ``off``: no record."""

from collections.abc import Callable

from benchmarks.case import workerless_full
from workerless import Tracking


def prepare() -> Callable[[], None]:
    return workerless_full.prepared(Tracking.OFF)
