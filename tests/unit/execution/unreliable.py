"""Files that may not answer."""

from datetime import timedelta

from workerless.errors import BlobsUnavailableError
from workerless.testing.memory import InMemoryBlobs


class UnreliableBlobs(InMemoryBlobs):
    """Does not answer the calls in ``down``."""

    down: frozenset[str] = frozenset()

    def put(self, key: str, data: bytes, *, keep: timedelta) -> None:
        self._answer("put")
        super().put(key, data, keep=keep)

    def get(self, key: str, *, limit_bytes: int) -> bytes:
        self._answer("get")
        return super().get(key, limit_bytes=limit_bytes)

    def extend(self, key: str, *, keep: timedelta) -> None:
        self._answer("extend")
        super().extend(key, keep=keep)

    def _answer(self, call: str) -> None:
        if call in self.down:
            raise BlobsUnavailableError("SlowDown")
