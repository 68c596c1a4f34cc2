"""What an emulator does otherwise than AWS, it still does: a new version of one must be read again.

None of this says what AWS does: that stands in its documentation, and in ``docs/emulators.md``.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from tests.contract.emulators import around, sqs, table
from tests.contract.emulators.difference import Aws, Difference
from workerless.local.credentials import REGION

PAGE = Path(__file__).resolve().parents[3] / "docs" / "emulators.md"
ALL = (*sqs.DIFFERENCES, *table.DIFFERENCES, *around.DIFFERENCES)


@pytest.fixture(scope="module")
def local(endpoint: str) -> Aws:
    return _clients(endpoint)


@pytest.fixture(scope="module")
def moto() -> Iterator[Aws]:
    with mock_aws():
        yield _clients(None)


def _clients(endpoint: str | None) -> Aws:
    session = boto3.Session("test", "test", region_name=REGION)
    client: Callable[..., object] = session.client
    return cache(lambda service: client(service, endpoint_url=endpoint))


@pytest.mark.local_cloud
@pytest.mark.parametrize("one", [one for one in ALL if one.local], ids=lambda one: one.what)
def test_local_cloud_still_differs(one: Difference, local: Aws) -> None:
    assert one.ask(local) == one.local


@pytest.mark.parametrize("one", [one for one in ALL if one.moto], ids=lambda one: one.what)
def test_moto_still_differs(one: Difference, moto: Aws) -> None:
    assert one.ask(moto) == one.moto


def test_page_has_a_row_for_every_difference_with_the_answers_of_both() -> None:
    section = PAGE.read_text().split("## Shown by tests")[1].split("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("|")][2:]

    told = {row[0].strip(): tuple(re.findall(r"`([^`]+)`", row[2] + row[3])) for row in rows}

    assert told == {one.what: tuple(said for said in (one.local, one.moto) if said) for one in ALL}
