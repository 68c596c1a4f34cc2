"""Files in one S3 bucket. They go by themselves: each has a tag that a lifecycle rule goes by.

A rule counts from when an object was written, so keeping one longer means other tags. Client and
bucket are made and asked for with the first file: most workers and producers never have one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from workerless.aws.fault import NO_ANSWER, code_of
from workerless.errors import BlobNotFoundError, BlobsUnavailableError, WorkerlessError
from workerless.lifetime import Term
from workerless.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NOT_THERE = "NoSuchKey"
# Also what S3 says of a key that is not there to who may not list the bucket.
_DENIED = "AccessDenied"
_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict")


class S3Blobs:
    """The files of one stage."""

    def __init__(
        self, client: "Callable[[], S3Client]", bucket: Callable[[], str], clock: Clock
    ) -> None:
        self._make_client = client
        self._find_bucket = bucket
        self._clock = clock

    @cached_property
    def bucket(self) -> str:
        """Raises ``WorkerlessError`` when it has to be looked up and the stage is not deployed."""
        return self._find_bucket()

    def put(self, key: str, data: bytes, *, keep: timedelta) -> None:
        """Store ``data``. In one call where the key is new, as it nearly always is."""
        now = self._clock.now()
        term = Term.of(keep, written_at=now, now=now)
        with self._answering("PutObject", key):
            if not self._put_new(key, data, term):
                # Whoever wrote it may have asked for longer.
                known = self._tags_or_none(key)
                longer = term.or_longer(Term.read(known, written_at=now))
                self._client.put_object(
                    Bucket=self.bucket, Key=key, Body=data, Tagging=urlencode(longer.tags())
                )

    def get(self, key: str, *, limit_bytes: int) -> bytes:
        """The whole file, or one byte more than ``limit_bytes`` of it."""
        with self._answering("GetObject", key):
            answer = self._client.get_object(Bucket=self.bucket, Key=key)
            expected = min(answer["ContentLength"], limit_bytes + 1)
            with answer["Body"] as body:
                data = body.read(limit_bytes + 1)
        if len(data) != expected:
            raise BlobsUnavailableError(
                f"GetObject of {key} was cut after {len(data)} of {expected} bytes"
            )
        return data

    def extend(self, key: str, *, keep: timedelta) -> None:
        """Three calls, the last only where the file would go too early."""
        with self._answering("PutObjectTagging", key):
            tags = self._tags(key)
            stored_at = self._client.head_object(Bucket=self.bucket, Key=key)["LastModified"]
            now = self._clock.now()
            present = Term.read(tags, written_at=stored_at)
            term = present.or_longer(Term.of(keep, written_at=min(stored_at, now), now=now))
            if term != present:
                told = {**tags, **term.tags()}
                self._client.put_object_tagging(
                    Bucket=self.bucket,
                    Key=key,
                    Tagging={"TagSet": [{"Key": name, "Value": told[name]} for name in told]},
                )

    def _put_new(self, key: str, data: bytes, term: Term) -> bool:
        """False where the key is taken."""
        tagging = urlencode(term.tags())
        try:
            self._client.put_object(
                Bucket=self.bucket, Key=key, Body=data, Tagging=tagging, IfNoneMatch="*"
            )
        except ClientError as error:
            if code_of(error) in _TAKEN:
                return False
            raise
        return True

    def _tags_or_none(self, key: str) -> dict[str, str]:
        """None also of a file that is gone, or not there yet: somebody else is just writing it."""
        try:
            return self._tags(key)
        except ClientError as error:
            if code_of(error) == _NOT_THERE:
                return {}
            raise

    def _tags(self, key: str) -> dict[str, str]:
        """Of a file that is there, ours or not."""
        tags = self._client.get_object_tagging(Bucket=self.bucket, Key=key)["TagSet"]
        return {tag["Key"]: tag["Value"] for tag in tags}

    @cached_property
    def _client(self) -> "S3Client":
        return self._make_client()

    @contextmanager
    def _answering(self, call: str, key: str) -> Iterator[None]:
        try:
            yield
        except WorkerlessError:
            raise
        except NO_ANSWER as error:
            code = code_of(error)
            if code == _NOT_THERE or (code == _DENIED and self._is_missing(key)):
                raise BlobNotFoundError(
                    f"no file has the key {key!r}: never stored, or past its time"
                ) from error
            raise BlobsUnavailableError(
                f"{call} of {key} got no answer: {code}: {error}"
            ) from error

    def _is_missing(self, key: str) -> bool:
        """For who may list keys like this one: whether it certainly is not there."""
        try:
            found = self._client.list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=1)
            return all(one["Key"] != key for one in found.get("Contents", []))
        except NO_ANSWER:
            return False
