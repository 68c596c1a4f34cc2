"""What the tests of ``import_records`` share: files in memory, made to be imported."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import md5
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

SOURCE = "imports/uploads/customers.csv"
HEADER = "email,name,country,spent\n"


@dataclass
class FilesInMemory:
    """What an S3 client does for these files; the next ``refuses`` are not written."""

    files: dict[str, bytes] = field(default_factory=dict)
    refuses: int = 0

    @property
    def client(self) -> "S3Client":
        return cast("S3Client", self)

    def head_object(self, **told: Any) -> dict[str, Any]:
        data = self._found(told["Key"], "HeadObject")
        return {"ETag": _etag(data), "ContentLength": len(data)}

    def get_object(self, **told: Any) -> dict[str, Any]:
        data = self._found(told["Key"], "GetObject")
        if told.get("IfMatch", _etag(data)) != _etag(data):
            raise _refused("PreconditionFailed", "GetObject")
        if "Range" in told:
            first, last = told["Range"].removeprefix("bytes=").split("-")
            data = data[int(first) : int(last) + 1]
        return {"Body": BytesIO(data)}

    def put_object(self, **told: Any) -> None:
        if self.refuses:
            self.refuses -= 1
            raise _refused("SlowDown", "PutObject")
        self.files[told["Key"]] = told["Body"]

    def _found(self, key: str, operation: str) -> bytes:
        if key not in self.files:
            raise _refused("AccessDenied", operation)
        return self.files[key]


def csv_of(rows: int, *, bad: frozenset[int] = frozenset()) -> bytes:
    """A file of so many rows, in which those of ``bad`` are wrong."""
    return (HEADER + "".join(lines(rows, bad))).encode()


def lines(rows: int, bad: frozenset[int] = frozenset()) -> Iterator[str]:
    for number in range(1, rows + 1):
        country = "Atlantis" if number in bad else "DE"
        yield f'c{number}@example.com,"Ada {number}",{country},{number % 100}.50\n'


def _etag(data: bytes) -> str:
    return f'"{md5(data, usedforsecurity=False).hexdigest()}"'


def _refused(code: str, operation: str) -> ClientError:
    return ClientError(cast("Any", {"Error": {"Code": code, "Message": "no"}}), operation)
