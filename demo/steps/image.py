"""A longer job: its progress is followed while it runs, its result says what it did."""

from io import BytesIO

import boto3
from PIL import Image

from demo.expectation import expect
from demo.outcome import Outcome
from demo.photograph import HEIGHT, WIDTH, take_photograph
from demo.run import Run, looks
from functions.process_image.job import (
    Compress,
    Crop,
    ImageProcessed,
    ProcessImage,
    Resize,
    process_image,
)
from workerless import State, naming
from workerless.handle import Job, JobStatus
from workerless.local.credentials import ACCOUNT, REGION
from workerless.local.deploy import STAGE


def show(run: Run) -> list[Outcome]:
    """A photograph from the bucket, made into a banner beside it."""
    s3, bucket = boto3.client("s3"), naming.bucket(STAGE, ACCOUNT, REGION)
    order = ProcessImage(
        source=f"images/demo-{run.id}/photograph.jpg",
        target=f"images/demo-{run.id}/banner.webp",
        operations=[
            Resize(width=2_000, height=2_000),
            Crop(left=200, top=300, width=1_600, height=900),
            Compress(quality=80, format="webp"),
        ],
    )
    with run.screen.live("taking a photograph"):
        photograph = take_photograph()
        s3.put_object(Bucket=bucket, Key=order.source, Body=photograph)
    run.screen.tell("before", f"{WIDTH} x {HEIGHT} pixels, {_kilobytes(photograph)} of JPEG")

    status = _follow(run, run.client.enqueue(process_image, order))

    expect("state of the image's job", got=status.state, expected=State.COMPLETED)
    expect("progress", got=status.progress and status.progress.percent, expected=100)
    banner = s3.get_object(Bucket=bucket, Key=order.target)["Body"].read()
    with Image.open(BytesIO(banner)) as image:
        expect("format of the banner", got=image.format, expected="WEBP")
        expect("dimensions of the banner", got=image.size, expected=(1_600, 900))
    expect(
        "size in the result", got=status.result and status.result.bytes_after, expected=len(banner)
    )
    run.screen.tell("after", f"1600 x 900 pixels, {_kilobytes(banner)} of WebP")
    happened = f"{_kilobytes(photograph)} became {_kilobytes(banner)}"
    return [Outcome.of(status, step="image", happened=happened)]


def _follow(run: Run, job: Job[ImageProcessed]) -> JobStatus[ImageProcessed]:
    """Show each progress that the record tells; a job writes it at most once a second."""
    told = None
    with run.screen.live("waiting for it") as redraw:
        for status in looks(job):
            redraw(status.state)
            if status.progress and status.progress != told:
                told = status.progress
                run.screen.tell("progress", f"{told.percent:.0f} % {told.step}")
    return status


def _kilobytes(data: bytes) -> str:
    return f"{len(data) / 1000:,.0f} kB"
