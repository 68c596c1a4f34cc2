"""A Node that the CDK runs on is found, or the fix is named."""

import os
import sys
from pathlib import Path

import pytest

from workerless.local.errors import LocalCloudError
from workerless.local.node import find_node, major_version


def program(folder: Path, says: str) -> Path:
    folder.mkdir()
    node = folder / "node"
    node.write_text(f"#!/bin/sh\n{says}\n")
    node.chmod(0o755)
    return node


@pytest.mark.parametrize(
    ("says", "version"), [("echo v24.1.0", 24), ("echo what", 0), ("exit 1", 0)]
)
def test_major_version_is_what_it_says(tmp_path: Path, says: str, version: int) -> None:
    assert major_version(program(tmp_path / "bin", says)) == version


def test_program_that_is_not_there_has_no_version(tmp_path: Path) -> None:
    assert major_version(tmp_path / "node") == 0


def test_first_node_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    old = program(tmp_path / "old", "echo v20.1.0")
    new = program(tmp_path / "new", "echo v22.0.0")
    path = os.pathsep.join(["", str(tmp_path / "none"), str(old.parent), str(new.parent)])

    assert find_node(path, major_version) == new


def test_too_old_a_node_is_named_with_the_fix(tmp_path: Path) -> None:
    old = program(tmp_path / "old", "echo v20.1.0")

    with pytest.raises(LocalCloudError, match=r"got .*old/node \(20\); run `make setup`"):
        find_node(str(old.parent), major_version)


def test_no_node_at_all_is_named_with_the_fix() -> None:
    with pytest.raises(LocalCloudError, match="none on PATH; run `make setup`"):
        find_node(str(Path(sys.prefix) / "nowhere"), major_version)
