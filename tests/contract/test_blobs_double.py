"""Files in memory: kept as long as asked for, and no longer."""

from datetime import timedelta

import pytest

from workerless.errors import BlobNotFoundError
from workerless.testing.memory import FakeClock, InMemoryBlobs

DAY = timedelta(days=1)


def test_file_is_there_until_its_time_is_over() -> None:
    clock = FakeClock()
    blobs = InMemoryBlobs(clock)
    blobs.put("a", b"text", keep=DAY)
    blobs.put("b", b"text", keep=DAY)
    blobs.extend("a", keep=2 * DAY)

    clock.advance(DAY)

    assert blobs.keys() == ["a"]
    assert blobs.get("a", limit_bytes=2) == b"tex"
    with pytest.raises(BlobNotFoundError, match="no file has the key 'b'"):
        blobs.get("b", limit_bytes=2)
    blobs.delete("a")
    with pytest.raises(BlobNotFoundError):
        blobs.extend("a", keep=DAY)
