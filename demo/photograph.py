"""Something to resize: an image with the dimensions, the size and the noise of a photograph."""

from io import BytesIO

from PIL import Image

WIDTH, HEIGHT = 4_000, 3_000
_GRAIN = 40  # standard deviation of the noise: with it a file of some megabytes
_QUALITY = 88


def take_photograph() -> bytes:
    """A JPEG of 12 million pixels, different each time."""
    dusk = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    sun = Image.radial_gradient("L").resize((WIDTH, HEIGHT))
    dawn = dusk.rotate(180)
    grain = Image.effect_noise((WIDTH, HEIGHT), _GRAIN)
    image = Image.merge("RGB", [Image.blend(light, grain, 0.25) for light in (dusk, sun, dawn)])
    file = BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
