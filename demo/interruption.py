"""Ctrl-C, a closed terminal and a polite kill end the demo like any error does: by unwinding.

The first signal is heard, further ones are not: they would interrupt the cleaning up.
"""

import signal
from types import FrameType
from typing import Never

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def listen() -> None:
    """From now on a signal raises where the main thread is."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> Never:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)
