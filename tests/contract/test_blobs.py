"""Blobs: files are kept whole and long enough, in memory and on S3."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.conftest import CLOUDS, Cloud, create_bucket
from workerless.aws.s3 import S3Blobs
from workerless.errors import BlobNotFoundError
from workerless.ports import Blobs
from workerless.testing.memory import FakeClock, InMemoryBlobs

DAY = timedelta(days=1)


@pytest.fixture(params=["memory", *CLOUDS], scope="module")
def blobs(request: pytest.FixtureRequest, clouds: Callable[[str], Cloud]) -> Iterator[Blobs]:
    clock = FakeClock()
    if request.param == "memory":
        yield InMemoryBlobs(clock)
        return
    client = clouds(request.param).s3
    name = create_bucket(client)
    yield S3Blobs(lambda: client, lambda: name, clock)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=100), limit=st.integers(0, 120))
def test_bytes_read_are_bytes_written_or_one_more_than_wanted(
    blobs: Blobs, data: bytes, limit: int
) -> None:
    blobs.put("payloads/a/1.json", data, keep=DAY)

    assert blobs.get("payloads/a/1.json", limit_bytes=limit) == data[: limit + 1]


def test_big_file_comes_back_whole(blobs: Blobs) -> None:
    data = bytes(range(256)) * 40_000

    blobs.put("results/a/big.json", data, keep=DAY)

    assert blobs.get("results/a/big.json", limit_bytes=len(data)) == data


def test_file_that_was_never_stored_is_not_found(blobs: Blobs) -> None:
    for ask in (
        lambda: blobs.get("payloads/gone", limit_bytes=1),
        lambda: blobs.extend("payloads/gone", keep=DAY),
    ):
        with pytest.raises(BlobNotFoundError, match="no file has the key 'payloads/gone'"):
            ask()


def test_bucket_has_a_name(blobs: Blobs) -> None:
    assert len(blobs.bucket) > 2


def test_file_in_memory_is_there_until_its_time_is_over() -> None:
    clock = FakeClock()
    blobs = InMemoryBlobs(clock)
    for key in ("long", "longer", "again", "short"):
        blobs.put(key, b"text", keep=DAY if key == "short" else 2 * DAY)
    blobs.put("again", b"text", keep=DAY)
    blobs.extend("longer", keep=3 * DAY)

    clock.advance(DAY)
    after_a_day = blobs.keys()
    clock.advance(DAY)

    assert after_a_day == ["again", "long", "longer"]
    assert blobs.keys() == ["longer"]
    with pytest.raises(BlobNotFoundError):
        blobs.get("short", limit_bytes=2)
