"""Claim checks: what is too big for a message or a record lies in a file, and this refers to it.

Pure: how files are named, referred to, and for how long they are needed.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

# Segments that begin with a letter or a digit: none of them is '..', for whoever reads paths.
_KEY = r"[A-Za-z0-9][A-Za-z0-9_.:=-]*(?:/[A-Za-z0-9][A-Za-z0-9_.:=-]*)*"
_URI = re.compile(rf"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9])/(?P<key>{_KEY})")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MAX_URI = 1_000

# Longer than a message can wait in its queue and its dead-letter queue together.
ON_ITS_WAY = timedelta(days=30)
# What a job type may well set as its failed_retention, for those who do not know the declaration.
UNKNOWN_RETENTION = timedelta(days=365)
_CARELESS = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRef:
    """Where a file lies, and the SHA-256 of its bytes in 64 hexadecimal digits."""

    bucket: str
    key: str
    digest: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def is_of(self, data: bytes) -> bool:
        """Whether ``data`` is what was stored."""
        return hashlib.sha256(data).hexdigest() == self.digest


def data_ref(uri: object, digest: object, *, below: str, bucket: str | None) -> DataRef:
    """The reference to ``uri``, a file ``below`` this prefix of ``bucket`` (None: of any).

    Else anybody who may send could have a worker read what only the worker may. Raises
    ``ValueError`` telling what each must be.
    """
    match = _URI.fullmatch(uri) if isinstance(uri, str) and len(uri) <= _MAX_URI else None
    if match is None:
        raise ValueError(
            "dataref must be 's3://<bucket>/<key>', each part of the key beginning with a letter "
            f"or digit and made of these and '_.:=-', at most {_MAX_URI} characters"
        )
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise ValueError(
            "datadigest must be the SHA-256 of the file's bytes in 64 lower-case hexadecimal digits"
        )
    if not match["key"].startswith(below) or bucket not in (None, match["bucket"]):
        raise ValueError(
            f"dataref must lie below s3://{bucket or '<bucket>'}/{below}, got {match[0]}"
        )
    return DataRef(bucket=match["bucket"], key=match["key"], digest=digest)


def payload_prefix(job_type: str) -> str:
    """Below this lie the payloads of ``job_type``; its worker reads nothing else."""
    return f"payloads/{job_type}/"


def result_prefix(job_type: str) -> str:
    """Below this lie the results of ``job_type``."""
    return f"results/{job_type}/"


def error_prefix(job_type: str) -> str:
    """Below this lie the whole texts of the errors of ``job_type``."""
    return f"errors/{job_type}/"


def payload_key(job_type: str, job_id: str, digest: str) -> str:
    """By digest: a refused job with another payload cannot replace the one that counts."""
    return f"{payload_prefix(job_type)}{job_id}/{digest}.json"


def result_key(job_type: str, job_id: str, token: str) -> str:
    """By the attempt's token: no attempt replaces the result of another."""
    return f"{result_prefix(job_type)}{job_id}/{token}.json"


def error_key(job_type: str, job_id: str, attempt: int, token: str) -> str:
    """By attempt, for people, and token, since an attempt that was given back has its number."""
    return f"{error_prefix(job_type)}{job_id}/{attempt}-{token}.txt"


def payload_keep(wait: timedelta, failed_retention: timedelta) -> timedelta:
    """How long the payload of a job that waits ``wait`` more is needed: dead letters too."""
    return wait + ON_ITS_WAY + failed_retention


def outlasts(enqueued_at: datetime, run_at: datetime) -> bool:
    """Whether a job waits so long that its payload's time may be over before it runs.

    Every payload is kept 30 days beyond the delay it was enqueued with, so that a job that is
    young and waits a few days needs no care.
    """
    return run_at - enqueued_at > _CARELESS
