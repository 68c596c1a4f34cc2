"""The files as one process reaches them: every call may go wrong."""

from collections.abc import Callable
from datetime import timedelta

from tests.simulation.fault import CALL
from tests.simulation.process import Process, Unreachable
from workerless.errors import BlobsUnavailableError


class RemoteBlobs:
    """The bucket over the network."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._blobs = process.ground.blobs
        self.bucket = self._blobs.bucket

    def put(self, key: str, data: bytes, *, keep: timedelta) -> None:
        self._reach(
            f"put in {key.partition('/')[0]}", lambda: self._blobs.put(key, data, keep=keep)
        )

    def get(self, key: str, *, limit_bytes: int) -> bytes:
        return self._reach("fetch", lambda: self._blobs.get(key, limit_bytes=limit_bytes))

    def extend(self, key: str, *, keep: timedelta) -> None:
        self._reach("keep longer", lambda: self._blobs.extend(key, keep=keep))

    def _reach[T](self, step: str, effect: Callable[[], T]) -> T:
        try:
            return self._process.call(step, CALL, lambda _again: effect())
        except Unreachable as error:
            raise BlobsUnavailableError(str(error)) from error
