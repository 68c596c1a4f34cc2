"""The files of the stage's bucket."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions.cleanup_expired.job import PREFIXES
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
            if self._is_gone(key, error):  # a lifecycle rule was faster
                return None
            raise
        return free_day({tag["Key"]: tag["Value"] for tag in tags})

    def _is_gone(self, key: str, error: ClientError) -> bool:
        """Whether that is why its tags were not told.

        Who may list only below some prefixes is denied what is not there: a call for one file names
        no prefix. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        """
        if (code := error.response["Error"]["Code"]) != "AccessDenied":
            return code == "NoSuchKey"
        prefix = next(one for one in PREFIXES.values() if key.startswith(one))
        return all(one.key != key for one in self.page(prefix, key[:-1], 1))

    def remove(self, key: str) -> None:
        self._s3.delete_object(Bucket=self._name, Key=key)
