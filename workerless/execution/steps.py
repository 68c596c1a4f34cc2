"""The memo of a job's steps: what a step gave once, it gives to every attempt that follows."""

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from workerless.errors import WorkerlessError
from workerless.signals import LeaseLost

if TYPE_CHECKING:
    from pydantic import TypeAdapter

# What the keys of our own notes begin with, and no step's can.
OURS = "\x00"
MAX_KEY_CHARACTERS = 100
MAX_STEPS_CHARACTERS = 65_536

type Save = Callable[[Mapping[str, str]], bool]


class Steps:
    """The steps of one attempt. ``save`` writes all of them, False when the job is another's.

    Without ``save`` there is no record to keep them in, and so no step is begun.
    """

    def __init__(self, kept: Mapping[str, str], save: Save | None) -> None:
        self._kept = dict(kept)
        self._save = save
        # A handler may have threads: no key runs twice, and each note is written with all before.
        self._noting = Lock()
        self._running: defaultdict[str, RLock] = defaultdict(RLock)
        self._awaited: dict[str, Any] = {}

    def once(self, key: str, function: Callable[[], Any], model: Any = None) -> Any:
        """What ``function`` gave the first time, as JSON has it, or as a ``model``.

        Raises ``ValueError`` for a key or a result that cannot be kept, ``LeaseLost`` when another
        attempt has taken over, ``StoreUnavailableError`` when the note could not be written,
        ``WorkerlessError`` when tracking is off.
        """
        save = self._checked(key)
        with self._running[key]:
            if key not in self._kept:
                self._keep(key, function(), save, model)
            return self._given(key, model)

    async def once_async(
        self, key: str, function: Callable[[], Awaitable[Any]], model: Any = None
    ) -> Any:
        """The same for a coroutine function."""
        import asyncio  # noqa: PLC0415 -- 30 ms of a cold start that only async handlers pay

        save = self._checked(key)
        async with self._awaited.setdefault(key, asyncio.Lock()):
            if key not in self._kept:
                self._keep(key, await function(), save, model)
            return self._given(key, model)

    def recall(self, key: str) -> Any:
        """What was noted under ``key``, one of ours; None where nothing was."""
        return self._given(key) if key in self._kept else None

    def note(self, key: str, value: Any) -> None:
        """Keep ``value`` in place of what was noted under ``key``. Raises as ``once`` does."""
        self._keep(key, value, self._writable())

    def _writable(self) -> Save:
        if self._save is None:
            raise WorkerlessError(
                "a job must have a record to keep its steps and waits in, and tracking of this job "
                "type is off; use tracking lean or full"
            )
        return self._save

    def _checked(self, key: str) -> Save:
        save = self._writable()
        if not 0 < len(key) <= MAX_KEY_CHARACTERS or not key.isprintable():
            raise ValueError(
                f"a step's key must be 1 to {MAX_KEY_CHARACTERS} printable characters, "
                f"got {ascii(key)[:60]}"
            )
        return save

    def _given(self, key: str, model: Any = None) -> Any:
        if model is None:
            return json.loads(self._kept[key])
        return _adapter(model).validate_json(self._kept[key])

    def _keep(self, key: str, value: Any, save: Save, model: Any = None) -> None:
        text = _text(key, value if model is None else _plain(key, value, model))
        with self._noting:
            kept = {**self._kept, key: text}
            _check_size(kept, key)
            if not save(kept):
                raise LeaseLost
            self._kept = kept


def _check_size(kept: Mapping[str, str], key: str) -> None:
    size = sum(len(name) + len(text) for name, text in kept.items())
    if size > MAX_STEPS_CHARACTERS:
        raise ValueError(
            f"the steps of a job take at most {MAX_STEPS_CHARACTERS} characters of JSON, got "
            f"{size} with {key!r}; keep the data elsewhere, and here where it is"
        )


def _plain(key: str, value: Any, model: Any) -> Any:
    """A model as JSON has it: what is read again must be the same."""
    adapter = _adapter(model)
    try:
        return adapter.dump_python(adapter.validate_python(value), mode="json", by_alias=True)
    except ValueError as error:  # as pydantic's are
        name = getattr(model, "__name__", model)
        raise ValueError(f"step {key!r} must give a {name} that JSON can hold: {error}") from error


@lru_cache(maxsize=100)
def _adapter(model: Any) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter  # noqa: PLC0415 -- only who gives models

    return TypeAdapter(model)


def _text(key: str, value: Any) -> str:
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"step {key!r} must give JSON: {error}") from error
