"""Reading and writing image files with Pillow, on guard against hostile ones.

Everything is in memory; what a file may be is bounded before it is decoded.
"""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from functions.process_image.job import ImageFormat

# 40 million pixels take 160 MB once decoded, and two or three such copies are alive at a time.
MAX_PIXELS = 40_000_000
_QUALITY = 80
_LONGEST_SIDE: dict[ImageFormat, int] = {"jpeg": 65_500, "webp": 16_383}
# MPO is what many cameras write: a JPEG with more pictures behind it. Its first one is the photo.
_FORMATS: dict[str | None, ImageFormat] = {
    "JPEG": "jpeg",
    "MPO": "jpeg",
    "PNG": "png",
    "WEBP": "webp",
}
_MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"})
# What Pillow's decoders raise for bytes that are not what they say.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    IndexError,
    struct.error,
    zlib.error,
)


class UnusableImage(Exception):
    """The file is not an image we take, and never will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded image and how to write it."""

    image: Image.Image
    format: ImageFormat
    quality: int = _QUALITY


def decode(data: bytes) -> Picture:
    """The picture in ``data``, upright and without metadata (colour profile apart).

    Raises ``UnusableImage`` for what is no JPEG, PNG or WEBP, broken, animated or too large.
    """
    try:
        with Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            kind = _checked(image)
            upright = ImageOps.exif_transpose(image)
            return Picture(image=_plain(upright), format=kind)
    except Image.DecompressionBombError as error:
        raise UnusableImage(f"image has more than {MAX_PIXELS} pixels") from error
    except _BROKEN as error:
        raise UnusableImage(f"not an image, or a broken one: {error}") from error


def encode(picture: Picture) -> bytes:
    """The bytes of the file. Raises ``UnusableImage`` when its format has no room for it."""
    longest = _LONGEST_SIDE.get(picture.format)
    if longest and max(picture.image.size) > longest:
        raise UnusableImage(
            f"sides of a {picture.format} may be at most {longest} pixels, got "
            f"{picture.image.width} x {picture.image.height}; resize it or choose another format"
        )
    image, file = picture.image, BytesIO()
    profile = image.info.get("icc_profile")
    if picture.format == "jpeg":
        _without_alpha(image).save(
            file, "JPEG", quality=picture.quality, optimize=True, icc_profile=profile
        )
    elif picture.format == "webp":
        image.save(file, "WEBP", quality=picture.quality, icc_profile=profile)
    else:
        # Without optimize: on the largest images it takes longer than the job may.
        image.save(file, "PNG", icc_profile=profile)
    return file.getvalue()


def _checked(image: Image.Image) -> ImageFormat:
    """The format of an image of which only the header was read."""
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise UnusableImage(f"image has {width} x {height} pixels, more than {MAX_PIXELS}")
    kind = _FORMATS[image.format]
    if kind != "jpeg" and getattr(image, "is_animated", False):
        raise UnusableImage("image is animated: only its first frame would be left")
    if image.mode not in _MODES:
        raise UnusableImage(
            f"pixels must be one of {', '.join(sorted(_MODES))}, got {image.mode!r}"
        )
    return kind


def _plain(image: Image.Image) -> Image.Image:
    """``image`` as RGB, RGBA or L, with nothing beside its pixels but their colour profile."""
    has_alpha = image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info
    mode = "RGBA" if has_alpha else "L" if image.mode in ("1", "L") else "RGB"
    # A profile describes pixels of one kind: one for inks or greys says nothing about RGB.
    keeps_profile = image.mode in ("P", "PA", "RGB", "RGBA") or image.mode == mode
    profile = image.info.get("icc_profile") if keeps_profile else None
    plain = image if image.mode == mode else image.convert(mode)
    plain.info = {"icc_profile": profile} if profile else {}
    return plain


def _without_alpha(image: Image.Image) -> Image.Image:
    """JPEG knows no transparency: what shows through is white."""
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper
