"""The walk through of docs/operations.md: its commands, in its order, print what it says."""

import sys
from pathlib import Path

import pytest

from demo.page import steps, take
from tests.e2e.cloud import CHECKOUT, Cloud

pytestmark = pytest.mark.local_cloud

HEADING = "A walk through five hundred dead jobs"


def test_what_the_page_says_is_what_happens(cloud: Cloud, tmp_path: Path) -> None:
    page = (CHECKOUT / "docs" / "operations.md").read_text()
    command = tmp_path / "workerless"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m workerless.cli "$@"\n')
    command.chmod(0o755)
    path = f"{tmp_path}:{cloud.environ['PATH']}"

    for step in steps(page, HEADING):
        take(step, cloud.root, {**cloud.environ, "PATH": path})
