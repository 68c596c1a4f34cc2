"""process_image: what becomes of files, whoever made them."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from functions.process_image.job import Compress, Crop, ImageFormat, Resize
from functions.process_image.operation import apply
from functions.process_image.picture import MAX_PIXELS, Picture, UnusableImage, decode, encode

ORIENTATION, CAMERA = 0x0112, 0x0110
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def written(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A PNG whose header says its size and which has no pixels at all."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def picture(width: int, height: int, mode: str = "RGB", kind: ImageFormat = "png") -> Picture:
    return Picture(image=Image.new(mode, (width, height), "red"), format=kind)


@pytest.mark.parametrize(
    ("mode", "becomes"),
    [
        ("1", "L"),
        ("L", "L"),
        ("LA", "RGBA"),
        ("P", "RGB"),
        ("RGB", "RGB"),
        ("RGBA", "RGBA"),
    ],
)
def test_every_mode_becomes_one_of_three(mode: str, becomes: str) -> None:
    assert decode(written(Image.new(mode, (4, 3)))).image.mode == becomes


def test_transparent_colour_becomes_alpha() -> None:
    image = decode(written(Image.new("RGB", (2, 2), "red"), transparency=(255, 0, 0))).image

    assert image.getpixel((0, 0)) == (255, 0, 0, 0)


@pytest.mark.parametrize(
    ("kind", "expected"), [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp"), ("MPO", "jpeg")]
)
def test_image_keeps_its_format(kind: str, expected: str) -> None:
    options: dict[str, Any] = (
        {"save_all": True, "append_images": [Image.new("RGB", (4, 3))]} if kind == "MPO" else {}
    )

    assert decode(written(Image.new("RGB", (4, 3)), kind, **options)).format == expected


def test_camera_orientation_is_applied_and_metadata_dropped() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[CAMERA] = 6, "Secret Camera"
    data = written(Image.new("RGB", (40, 20)), "JPEG", exif=exif, comment=b"at home")

    after = encode(decode(data))

    with Image.open(BytesIO(after)) as image:
        assert image.size == (20, 40)
        assert not image.getexif()
        assert "comment" not in image.info
    assert b"Secret Camera" not in after


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colour_profile_is_kept(kind: str) -> None:
    data = written(Image.new("RGB", (4, 3)), kind, icc_profile=PROFILE)

    with Image.open(BytesIO(encode(decode(data)))) as image:
        assert image.info.get("icc_profile") == PROFILE


def test_profile_of_inks_does_not_outlive_them() -> None:
    data = written(Image.new("CMYK", (4, 3)), "JPEG", icc_profile=PROFILE)

    assert decode(data).image.info == {}


def test_transparent_picture_is_white_paper_as_jpeg() -> None:
    clear = Picture(image=Image.new("RGBA", (2, 2), (0, 0, 0, 0)), format="jpeg")

    assert decode(encode(clear)).image.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not an image"),
        (b"GIF89a", "not an image"),
        (written(Image.new("RGB", (4, 3)), "GIF"), "not an image"),
        (written(Image.new("RGB", (40, 30)))[:60], "not an image"),
        (written(Image.effect_noise((64, 64), 50), "JPEG")[:900], "not an image"),
        (png_of_size(4, 3), "not an image"),
        (png_of_size(8_000, 6_000), f"8000 x 6000 pixels, more than {MAX_PIXELS}"),
        (png_of_size(60_000, 60_000), f"more than {MAX_PIXELS}"),
        (written(Image.new("I;16", (4, 3))), "pixels must be one of .* got 'I;16'"),
        (
            written(
                Image.new("RGB", (4, 3)),
                "WEBP",
                save_all=True,
                append_images=[Image.new("RGB", (4, 3), "red")],
            ),
            "animated",
        ),
    ],
)
def test_unusable_file_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnusableImage, match=reason):
        decode(data)


@pytest.mark.filterwarnings("ignore::Warning")  # Pillow warns of what it reads nevertheless
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
    where=st.floats(0, 1, exclude_max=True),
    junk=st.binary(min_size=1, max_size=20),
)
def test_damaged_file_is_read_or_refused(kind: str, where: float, junk: bytes) -> None:
    data = bytearray(written(Image.new("RGB", (32, 32), "teal"), kind, exif=Image.Exif()))
    at = int(where * len(data))
    data[at : at + len(junk)] = junk

    try:
        image = decode(bytes(data)).image
    except UnusableImage:
        return

    assert image.width * image.height <= MAX_PIXELS


@given(
    width=st.integers(1, 300),
    height=st.integers(1, 300),
    box=st.tuples(st.integers(1, 300), st.integers(1, 300)),
)
def test_resized_picture_fits_its_box_and_never_grows(
    width: int, height: int, box: tuple[int, int]
) -> None:
    after = apply(Resize(width=box[0], height=box[1]), picture(width, height)).image

    assert 1 <= after.width <= min(width, box[0])
    assert 1 <= after.height <= min(height, box[1])
    assert abs(after.width * height - after.height * width) <= max(width, height)


def test_crop_keeps_what_is_in_its_frame() -> None:
    image = Image.new("L", (10, 10))
    image.putpixel((7, 8), 200)

    after = apply(Crop(left=7, top=8, width=3, height=2), Picture(image=image, format="png")).image

    assert after.size == (3, 2)
    assert after.getpixel((0, 0)) == 200


@pytest.mark.parametrize("crop", [Crop(left=7, width=4, height=1), Crop(top=7, width=1, height=4)])
def test_crop_must_lie_in_the_picture(crop: Crop) -> None:
    with pytest.raises(UnusableImage, match="crop must lie in the image's 10 x 10 pixels"):
        apply(crop, picture(10, 10))


def test_compress_without_a_format_keeps_the_format() -> None:
    after = apply(Compress(quality=10), picture(4, 3, kind="webp"))

    assert (after.format, after.quality) == ("webp", 10)


def test_lower_quality_makes_a_smaller_file() -> None:
    noise = Picture(image=Image.effect_noise((64, 64), 80), format="jpeg")

    fine, coarse = (encode(apply(Compress(quality=q), noise)) for q in (90, 10))

    assert len(coarse) < len(fine)


def test_picture_too_long_for_its_format_is_refused() -> None:
    with pytest.raises(UnusableImage, match="sides of a webp may be at most 16383 pixels"):
        encode(picture(16_384, 1, kind="webp"))
