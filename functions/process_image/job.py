"""What the job type ``process_image`` is: one image read from S3, worked on, and written back."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from workerless import Allow, Exponential, JobType, Payload, Result

# Below images/ only, in segments that start with neither '.' nor '/': nothing like '..' or '//'.
_SEGMENT = "[A-Za-z0-9_=-][A-Za-z0-9._=-]*"
ImageKey = Annotated[
    str, StringConstraints(max_length=512, pattern=rf"^images/(?:{_SEGMENT}/)*{_SEGMENT}$")
]
Side = Annotated[int, Field(ge=1, le=8_192)]
Offset = Annotated[int, Field(ge=0, le=65_535)]
ImageFormat = Literal["jpeg", "png", "webp"]

_STRICT = ConfigDict(frozen=True, extra="forbid")


class Resize(BaseModel):
    """Shrink the image to fit into ``width`` x ``height`` pixels, sides in proportion.

    An image that fits already stays as it is.
    """

    model_config = _STRICT
    kind: Literal["resize"] = "resize"
    width: Side
    height: Side


class Crop(BaseModel):
    """Keep the ``width`` x ``height`` pixels from ``left``, ``top``; they must lie in the image."""

    model_config = _STRICT
    kind: Literal["crop"] = "crop"
    left: Offset = 0
    top: Offset = 0
    width: Side
    height: Side


class Compress(BaseModel):
    """Write the image as ``format`` (its own when None); ``quality`` counts for jpeg and webp."""

    model_config = _STRICT
    kind: Literal["compress"] = "compress"
    quality: Annotated[int, Field(ge=1, le=95)] = 80
    format: ImageFormat | None = None


type Operation = Annotated[Resize | Crop | Compress, Field(discriminator="kind")]


class ProcessImage(Payload):
    """One image, changed by one or more operations in order.

    ``source`` and ``target`` are keys in the project's bucket. They differ, so that a second
    attempt starts from the same image as the first.
    """

    source: ImageKey
    target: ImageKey
    operations: Annotated[list[Operation], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _keeps_its_source(self) -> Self:
        if self.source == self.target:
            raise ValueError("target must differ from source, got the same key for both")
        return self


class ImageProcessed(Result):
    """What was written to ``target``; sizes are those of the files."""

    target: str
    width: int
    height: int
    format: ImageFormat
    bytes_before: int
    bytes_after: int


process_image = JobType(
    name="process_image",
    payload=ProcessImage,
    result=ImageProcessed,
    retry=Exponential(attempts=4, first=timedelta(seconds=5), cap=timedelta(minutes=10)),
    timeout=timedelta(seconds=60),
    batch_size=1,
    memory_mb=1024,
    permissions=(
        Allow(
            actions=("s3:GetObject", "s3:PutObject"),
            resources=("arn:{partition}:s3:::{bucket}/images/*",),
        ),
    ),
)
