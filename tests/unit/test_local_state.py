"""What is remembered of a running cloud is believed only while it is true."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from workerless.local import process, state


@pytest.fixture
def this() -> process.Process:
    found = process.find(os.getpid())
    assert found is not None
    return found


def test_living_process_is_recalled(tmp_path: Path, this: process.Process) -> None:
    remembered = state.remember(tmp_path, this, port=4711)

    assert state.recall(tmp_path) == remembered
    assert remembered.endpoint == "http://127.0.0.1:4711"


def test_another_process_with_the_same_id_is_not(tmp_path: Path, this: process.Process) -> None:
    for other in (
        replace(this, started="1"),
        replace(this, command="vi"),
        replace(this, pid=2**22),
    ):
        state.remember(tmp_path, other, port=4711)

        assert state.recall(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": 1}'])
def test_broken_file_is_no_cloud(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)

    assert state.recall(tmp_path) is None


def test_forgotten_cloud_is_no_cloud(tmp_path: Path, this: process.Process) -> None:
    state.remember(tmp_path, this, port=4711)

    state.forget(tmp_path)
    state.forget(tmp_path)

    assert state.recall(tmp_path) is None
