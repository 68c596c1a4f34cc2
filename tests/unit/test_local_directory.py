"""Where a local cloud keeps its things."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from workerless.local.cloud import DIRECTORY_VARIABLE, LocalCloud, local_cloud
from workerless.local.deploy import Tell
from workerless.local.errors import LocalCloudError
from workerless.local.state import Running


@pytest.mark.parametrize("environ", [{}, {DIRECTORY_VARIABLE: ""}])
def test_it_is_a_folder_of_its_own_unless_another_is_named(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    assert local_cloud(tmp_path, environ).directory == tmp_path / ".local"


def test_another_one_may_be_anywhere(tmp_path: Path) -> None:
    environ = {DIRECTORY_VARIABLE: "/elsewhere"}

    assert local_cloud(tmp_path, environ).directory == Path("/elsewhere")


def test_place_that_cannot_be_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / ".local").touch()

    def deploy(running: Running, tell: Tell) -> None:
        raise AssertionError("there is nothing to deploy to")

    cloud = LocalCloud(directory=tmp_path / ".local", environ={}, deploy=deploy)

    with pytest.raises(LocalCloudError, match=r"\.local must be a folder"):
        cloud.up(port=0, tell=print)
