"""Handlers of signals that end with a process: what it forks has none of them."""

import os
import signal
from collections.abc import Callable, Mapping
from types import FrameType

type Hears = Callable[[int, FrameType | None], object] | int | None
"""As ``signal.signal`` takes it, and ``signal.getsignal`` gives it: None is C's own."""


def keep_from_children(handlers: Mapping[signal.Signals, Hears]) -> None:
    """Processes that this one forks from now on begin with ``handlers``.

    Else one that is terminated does what its parent would. A signal that comes sooner waits.
    """

    def block() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, handlers)

    def unblock() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)

    def begin() -> None:
        for number, handler in handlers.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        unblock()

    os.register_at_fork(before=block, after_in_parent=unblock, after_in_child=begin)
