"""Directories are built once for the same inputs, and whole or not at all."""

import os
from pathlib import Path

import pytest

from infra.artifact import build_once

KIND = "functions"


def fill(directory: Path) -> None:
    (directory / "file").write_text("content")


def refuse(directory: Path) -> None:
    raise AssertionError(f"built again in {directory}")


def test_same_inputs_are_built_once(tmp_path: Path) -> None:
    first = build_once(KIND, ["a"], fill, into=tmp_path)

    assert build_once(KIND, ["a"], refuse, into=tmp_path) == first


def test_other_inputs_are_built_elsewhere(tmp_path: Path) -> None:
    first = build_once(KIND, ["a"], fill, into=tmp_path)
    second = build_once(KIND, ["b"], fill, into=tmp_path)

    assert first.path != second.path


def test_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        build_once(KIND, ["a"], refuse, into=tmp_path)

    assert list((tmp_path / KIND).iterdir()) == []


def test_build_that_comes_second_takes_what_the_first_made(tmp_path: Path) -> None:
    def slow(directory: Path) -> None:
        fill(directory)
        build_once(KIND, ["a"], fill, into=tmp_path)

    artifact = build_once(KIND, ["a"], slow, into=tmp_path)

    assert [path.name for path in (tmp_path / KIND).iterdir()] == [artifact.key]


def test_place_that_cannot_be_taken_is_an_error(tmp_path: Path) -> None:
    def vanish(directory: Path) -> None:
        fill(directory)
        taken = directory.parent / build_key
        taken.write_text("a file where the directory should be")

    build_key = build_once(KIND, ["a"], fill, into=tmp_path / "elsewhere").key

    with pytest.raises(OSError, match=build_key):
        build_once(KIND, ["a"], vanish, into=tmp_path)


@pytest.mark.parametrize(("kind", "left"), [("layers", 1), ("wheels", 2)])
def test_what_was_made_from_sources_is_forgotten_when_unused_for_an_hour(
    kind: str, left: int, tmp_path: Path
) -> None:
    old = build_once(kind, ["a"], fill, into=tmp_path).path
    os.utime(old, (0, 0))

    build_once(kind, ["b"], fill, into=tmp_path)

    assert len(list((tmp_path / kind).iterdir())) == left
