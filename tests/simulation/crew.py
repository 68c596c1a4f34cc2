"""Threads of which only one ever runs: code that waits in the middle of a call, deterministically.

The world resumes a hand; the hand works until it pauses or is done, and the world goes on. Nothing
is left to the operating system's scheduler, so a run repeats exactly.
"""

from collections.abc import Callable
from threading import Lock, Thread


class Hand:
    """One body of work on its own thread."""

    def __init__(self, body: Callable[[], None]) -> None:
        self._body = body
        self._turn = Lock()
        self._back = Lock()
        self._turn.acquire()
        self._back.acquire()
        self._thread: Thread | None = None
        self._error: BaseException | None = None
        self.is_done = False

    def resume(self) -> None:
        """Let it work until it pauses or ends. Raises what its body did not catch."""
        if self._thread is None:
            self._thread = Thread(target=self._run, daemon=True)
            self._thread.start()
        else:
            self._turn.release()
        self._back.acquire()
        if self.is_done:
            self._thread.join()
        if self._error is not None:
            raise self._error

    def pause(self) -> None:
        """Called by the body: wait until it is resumed."""
        self._back.release()
        self._turn.acquire()

    def _run(self) -> None:
        try:
            self._body()
        except BaseException as error:  # noqa: BLE001 -- raised again where the world can see it
            self._error = error
        finally:
            self.is_done = True
            self._back.release()
