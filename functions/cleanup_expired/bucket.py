"""The files of the stage's bucket."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions.cleanup_expired.sweeping import Found
from workerless.lifetime import free_day

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class Bucket:
    """See ``sweeping.Files``."""

    def __init__(self, s3: "S3Client", name: str) -> None:
        self._s3 = s3
        self._name = name

    def page(self, prefix: str, after: str | None, limit: int) -> Sequence[Found]:
        told = self._s3.list_objects_v2(
            Bucket=self._name, Prefix=prefix, MaxKeys=limit, StartAfter=after or ""
        )
        return [
            Found(key=one["Key"], size_bytes=one["Size"], written_at=one["LastModified"])
            for one in told.get("Contents", [])
        ]

    def free_on(self, key: str) -> date | None:
        try:
            tags = self._s3.get_object_tagging(Bucket=self._name, Key=key)["TagSet"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":  # a lifecycle rule was faster
                return None
            raise
        return free_day({tag["Key"]: tag["Value"] for tag in tags})

    def remove(self, key: str) -> None:
        self._s3.delete_object(Bucket=self._name, Key=key)
