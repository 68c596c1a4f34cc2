"""Calling functions a little later, all on one thread.

A thread for each would cost a worker more than the write it puts off. This one is started by the
first alarm and woken only where it would sleep too long.
"""

import sys
import threading
import time
from collections.abc import Callable


class Alarms:
    """The alarms of one process. An action that raises is told to ``threading.excepthook``."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pending: list[tuple[float, Callable[[], None]]] = []
        self._thread: threading.Thread | None = None
        self._wakes_at = 0.0

    def set(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """Have ``action`` called in ``seconds``; returns what calls it off."""
        alarm = (time.monotonic() + seconds, action)
        with self._changed:
            self._pending.append(alarm)
            if self._thread is None:
                # A daemon: never what keeps a process alive.
                self._thread = threading.Thread(target=self._ring, name="alarms", daemon=True)
                self._thread.start()
            elif alarm[0] < self._wakes_at:
                self._changed.notify()
        return lambda: self._call_off(alarm)

    def _call_off(self, alarm: tuple[float, Callable[[], None]]) -> None:
        with self._changed:
            if alarm in self._pending:
                self._pending.remove(alarm)

    def _ring(self) -> None:
        while True:
            action = self._next()
            try:
                action()
            except Exception:  # noqa: BLE001 -- one that fails must not silence the others
                told = (*sys.exc_info(), threading.current_thread())
                threading.excepthook(threading.ExceptHookArgs(told))

    def _next(self) -> Callable[[], None]:
        """Wait for the first alarm that is due."""
        with self._changed:
            while True:
                now = time.monotonic()
                due = min(self._pending, key=lambda alarm: alarm[0], default=None)
                if due is not None and due[0] <= now:
                    self._pending.remove(due)
                    return due[1]
                self._wakes_at = due[0] if due else float("inf")
                self._changed.wait(due[0] - now if due else None)
