"""What runs were made with, kept by who looks at them again and again.

A definition never changes, and is named by its digest. That of a group of ten thousand is 650 KB:
80 read units, and 130 ms to read, at each of its thirty looks.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock

from workerless.workflow.callbacks import read_callbacks
from workerless.workflow.definition import Definition, Task
from workerless.workflow.wire import read_definition

type MadeWith = Definition | Mapping[str, Task]
"""The definition of a workflow or a group, or the callbacks of any other batch, by name."""

# Of text: some eight times that in memory.
_MOST_CHARACTERS = 4_000_000


class Definitions:
    """Those that were asked for last, as far as there is room. Safe in threads."""

    def __init__(self, most: int = _MOST_CHARACTERS) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[MadeWith, int]] = OrderedDict()
        self._characters = 0

    def find(self, ref: str, text: Callable[[], str]) -> MadeWith:
        """What ``ref`` names; ``text`` is asked for where it is not known. Raises as that does."""
        with self._lock:
            if ref in self._kept:
                self._kept.move_to_end(ref)
                return self._kept[ref][0]
        told = text()
        made = read_made_with(told)
        with self._lock:
            if ref not in self._kept:
                self._kept[ref] = made, len(told)
                self._characters += len(told)
            while self._characters > self._most:
                _, (_, characters) = self._kept.popitem(last=False)
                self._characters -= characters
        return made


def read_made_with(text: str) -> MadeWith:
    """What is stored with a run. Raises ``WorkerlessError``."""
    told = json.loads(text)
    callbacks = read_callbacks(told)
    return read_definition(told) if callbacks is None else callbacks
