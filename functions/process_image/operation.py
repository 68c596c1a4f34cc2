"""What each operation does to a picture: pure functions."""

from dataclasses import replace

from PIL import Image

from functions.process_image.job import Crop, Operation, Resize
from functions.process_image.picture import Picture, UnusableImage


def apply(operation: Operation, picture: Picture) -> Picture:
    """Raises ``UnusableImage`` when the picture is not large enough for a crop."""
    if isinstance(operation, Resize):
        return replace(picture, image=_resized(picture.image, operation))
    if isinstance(operation, Crop):
        return replace(picture, image=_cropped(picture.image, operation))
    return replace(picture, quality=operation.quality, format=operation.format or picture.format)


def _resized(image: Image.Image, resize: Resize) -> Image.Image:
    scale = min(resize.width / image.width, resize.height / image.height)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _cropped(image: Image.Image, crop: Crop) -> Image.Image:
    right, bottom = crop.left + crop.width, crop.top + crop.height
    if right > image.width or bottom > image.height:
        raise UnusableImage(
            f"crop must lie in the image's {image.width} x {image.height} pixels, "
            f"got {crop.width} x {crop.height} from {crop.left}, {crop.top}"
        )
    return image.crop((crop.left, crop.top, right, bottom))
