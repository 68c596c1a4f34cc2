"""Files in memory, each gone when its time is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from workerless.errors import BlobNotFoundError
from workerless.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    data: bytes
    until: datetime


class InMemoryBlobs:
    """Keeps every file exactly as long as asked for: a real store may keep it longer."""

    def __init__(self, clock: Clock, bucket: str = "files") -> None:
        self.bucket = bucket
        self._clock = clock
        self._files: dict[str, _File] = {}

    def put(self, key: str, data: bytes, *, keep: timedelta) -> None:
        until = self._clock.now() + keep
        old = self._files.get(key)
        self._files[key] = _File(data=data, until=max(until, old.until) if old else until)

    def get(self, key: str, *, limit_bytes: int) -> bytes:
        return self._living(key).data[: limit_bytes + 1]

    def extend(self, key: str, *, keep: timedelta) -> None:
        file = self._living(key)
        until = max(file.until, self._clock.now() + keep)
        self._files[key] = _File(data=file.data, until=until)

    def keys(self) -> list[str]:
        """Every key there is, sorted."""
        return sorted(key for key, file in self._files.items() if file.until > self._clock.now())

    def delete(self, key: str) -> None:
        """Lose a file, as no store should."""
        del self._files[key]

    def _living(self, key: str) -> _File:
        file = self._files.get(key)
        if file is None or file.until <= self._clock.now():
            raise BlobNotFoundError(f"no file has the key {key!r}: never stored, or past its time")
        return file
