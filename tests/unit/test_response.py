"""response: the batch response keeps what must come back, and is never malformed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workerless.execution.response import batch_response

ids = st.lists(st.uuids().map(str), unique=True, max_size=10)


@given(ids, st.data())
def test_exactly_the_kept_messages_are_reported_as_failed(
    received: list[str], data: st.DataObject
) -> None:
    kept = data.draw(st.lists(st.sampled_from(received))) if received else []

    response = batch_response(received, kept)

    reported = [item["itemIdentifier"] for item in response["batchItemFailures"]]
    assert sorted(reported) == sorted(set(kept))
    assert json.loads(json.dumps(response)) == response


def test_nothing_kept_is_an_empty_list_not_an_empty_response() -> None:
    assert batch_response(["a", "b"], []) == {"batchItemFailures": []}


@pytest.mark.parametrize(
    ("received", "kept"), [(["a"], ["b"]), ([], ["a"]), (["a"], ["a", "b"]), (["", "a"], [""])]
)
def test_id_that_would_fail_the_whole_batch_is_refused(
    received: list[str], kept: list[str]
) -> None:
    with pytest.raises(ValueError, match="kept message ids must be among those received, got"):
        batch_response(received, kept)
