"""A process that dies at one of its calls, before or after it took effect."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Death(BaseException):
    """The process is gone. The library may catch it; its next call meets it again."""


@dataclass(slots=True)
class Life:
    """``calls`` are left; the last of them takes effect if ``effective``. None: it never dies."""

    calls: int | None = None
    effective: bool = False

    def spend(self, call: Callable[[], Any]) -> Any:
        if self.calls is None:
            return call()
        self.calls -= 1
        if self.calls > 0:
            return call()
        if self.calls == 0 and self.effective:
            call()
        raise Death


class Mortal:
    """A port as a mortal process reaches it: every method is a call that it may not survive."""

    def __init__(self, port: Any, life: Life) -> None:
        self._port = port
        self._life = life

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return lambda *args, **options: self._life.spend(lambda: method(*args, **options))
