"""The work of ``process_image``."""

import os
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from functions.process_image import files
from functions.process_image.job import ImageProcessed, ProcessImage, process_image
from functions.process_image.operation import apply
from functions.process_image.picture import Picture, UnusableImage, decode, encode
from workerless import Fail
from workerless.environment import WorkerEnvironment
from workerless.execution.context import JobContext
from workerless.worker import worker

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_CONFIG = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)


def perform(order: ProcessImage, job: JobContext) -> ImageProcessed:
    """Process one image in the project's bucket; see ``process``."""
    bucket = WorkerEnvironment.read(os.environ).bucket
    return process(order, job, s3=s3_client(), bucket=bucket)


def process(order: ProcessImage, job: JobContext, *, s3: "S3Client", bucket: str) -> ImageProcessed:
    """Raises ``Fail`` for an image that can never be processed."""
    data = files.read(s3, bucket, order.source)
    try:
        picture = _transformed(decode(data), order, job)
        written = encode(picture)
    except UnusableImage as error:
        raise Fail(f"{order.source!r}: {error}") from error
    files.write(s3, bucket, order.target, written, content_type=f"image/{picture.format}")
    job.progress(100, step="written")
    return ImageProcessed(
        target=order.target,
        width=picture.image.width,
        height=picture.image.height,
        format=picture.format,
        bytes_before=len(data),
        bytes_after=len(written),
    )


@cache
def s3_client() -> "S3Client":
    """One client per execution environment."""
    return boto3.Session().client("s3", config=_CONFIG)


def _transformed(picture: Picture, order: ProcessImage, job: JobContext) -> Picture:
    """``picture`` after every operation, each told as progress; writing it is the last step."""
    steps = len(order.operations) + 1
    for number, operation in enumerate(order.operations, start=1):
        picture = apply(operation, picture)
        job.progress(100 * number / steps, step=operation.kind)
    return picture


handler = worker(process_image)(perform)
