"""process_image: which work can be asked for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from functions.process_image.job import ImageKey, ProcessImage

RESIZE = {"kind": "resize", "width": 10, "height": 10}
GOOD: dict[str, Any] = {
    "source": "images/a.jpg",
    "target": "images/b/c-1_2.webp",
    "operations": [RESIZE],
}
KEY = TypeAdapter(ImageKey)


def test_good_order_is_accepted() -> None:
    assert ProcessImage.model_validate(GOOD).operations[0].kind == "resize"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("target", "images/a.jpg"),
        ("operations", []),
        ("operations", [RESIZE] * 11),
        ("operations", [{"width": 10, "height": 10}]),
        ("operations", [{"kind": "rotate", "degrees": 90}]),
        ("operations", [{**RESIZE, "width": 0}]),
        ("operations", [{**RESIZE, "width": 8193}]),
        ("operations", [{**RESIZE, "colour": "red"}]),
        ("operations", [{"kind": "crop", "left": -1, "width": 1, "height": 1}]),
        ("operations", [{"kind": "crop", "width": 1}]),
        ("operations", [{"kind": "compress", "quality": 0}]),
        ("operations", [{"kind": "compress", "quality": 96}]),
        ("operations", [{"kind": "compress", "format": "gif"}]),
    ],
)
def test_bad_order_is_refused_by_its_field(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        ProcessImage.model_validate({**GOOD, field: value})


@pytest.mark.parametrize(
    "key",
    [
        "",
        "images/",
        "a.jpg",
        "/images/a.jpg",
        "Images/a.jpg",
        "images//a.jpg",
        "images/../payloads/a.jpg",
        "images/b/../../a.jpg",
        "images/.hidden",
        "images/a.jpg\n",
        "images/a b.jpg",
        "images/a.jpg?versionId=1",
        f"images/{'a' * 506}",
    ],
)
def test_key_outside_the_images_is_refused(key: str) -> None:
    with pytest.raises(ValidationError):
        KEY.validate_python(key)


@given(st.text(alphabet=st.sampled_from("ab./\\ %\n\u00e4=-_"), max_size=30))
def test_accepted_key_stays_below_the_images(text: str) -> None:
    try:
        key = KEY.validate_python(f"images/{text}")
    except ValidationError:
        return

    prefix, *segments = key.split("/")
    assert prefix == "images"
    assert segments
    assert not any(segment.startswith(".") or not segment for segment in segments)
