"""The saved queries of a stage ask the logs of all its functions."""

import re
from collections.abc import Callable

import pytest

from infra.artifact import ROOT
from infra.queries import QUERIES
from tests.infra.cloud import Cloud, text

GROUP, QUERY = "AWS::Logs::LogGroup", "AWS::Logs::QueryDefinition"


@pytest.mark.parametrize("stage", ["local", "prod"])
def test_every_query_is_saved_and_asks_every_function(
    stage: str, clouds: Callable[[str], Cloud]
) -> None:
    cloud = clouds(stage)
    names = [text(group["LogGroupName"]) for _, _, group in cloud.each(GROUP)]
    functions = {name for name in names if name.startswith("/aws/lambda/")}

    saved = {query["Name"]: query for _, _, query in cloud.each(QUERY)}

    assert set(saved) == {f"Workerless/{stage}/{name}" for name in QUERIES}
    for query in saved.values():
        assert set(query["LogGroupNames"]) == functions
        assert len(query["LogGroupNames"]) <= 50


def test_page_has_every_query() -> None:
    page = (ROOT / "docs" / "logs.md").read_text()

    assert re.findall(r"^\| `([a-z][^`]*)` \| [^|]*\?", page, re.MULTILINE) == list(QUERIES)
