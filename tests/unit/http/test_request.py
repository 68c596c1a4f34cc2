"""What a request must be before anybody looks at what it asks."""

from base64 import b64encode
from typing import Any

import pytest

from workerless.http.problem import Problem
from workerless.http.request import MAX_BODY_BYTES, checked

JSON = {"content-type": "application/json; charset=utf-8"}


def event(body: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"rawQueryString": "", "headers": JSON, "body": body, **fields}


def refusal(one: dict[str, Any]) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        checked(one, parameters={"limit"})
    return caught.value.status, caught.value.code


def test_body_is_text_afterwards_however_it_came() -> None:
    encoded = event(b64encode('{"name": "Zoë"}'.encode()).decode(), isBase64Encoded=True)

    for one in (encoded, event('{"name": "Zoë"}')):
        found = checked(one, parameters=())
        assert (found["body"], found["isBase64Encoded"]) == ('{"name": "Zoë"}', False)


def test_no_body_is_none() -> None:
    assert checked(event(headers={}), parameters=())["body"] is None


def test_body_of_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    room = MAX_BODY_BYTES - len('{"a":""}')

    assert checked(event('{"a":"%s"}' % ("x" * room)), parameters=())["body"]
    assert refusal(event('{"a":"%s"}' % ("x" * (room + 1)))) == (413, "body_too_large")


def test_nesting_of_the_limit_is_taken_and_more_is_not() -> None:
    def nested(levels: int) -> str:
        return '{"a":' * levels + "1" + "}" * levels

    assert checked(event(nested(64)), parameters=())["body"]
    assert refusal(event(nested(65))) == (400, "invalid_body")
    assert refusal(event(nested(100_000))) == (400, "invalid_body")


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "1",
        "null",
        "{",
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": "\\ud800"}',
        "\ufeff{}",
        "'{}'",
        '{"a": %s}' % ("9" * 5_000),
    ],
)
def test_what_is_no_json_object_is_refused_without_being_quoted(body: str) -> None:
    with pytest.raises(Problem) as caught:
        checked(event(body), parameters=())

    assert (caught.value.status, caught.value.code) == (400, "invalid_body")
    assert body not in caught.value.message or len(body) == 1


@pytest.mark.parametrize("encoded", ["not base64!", b64encode(b"\xff\xfe").decode()])
def test_what_is_no_text_is_refused(encoded: str) -> None:
    assert refusal(event(encoded, isBase64Encoded=True)) == (400, "invalid_body")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/x"])
def test_body_of_another_kind_is_refused(kind: str) -> None:
    assert refusal(event("{}", headers={"content-type": kind})) == (415, "unsupported_media_type")


@pytest.mark.parametrize("query", ["olderthan=5", "limit=1&x", "limit%00=1", "=1"])
def test_parameter_that_the_route_does_not_know_is_refused(query: str) -> None:
    assert refusal(event(rawQueryString=query)) == (400, "unknown_parameter")


@pytest.mark.parametrize("kind", ["Application/JSON", " application/json;charset=utf-8", ""])
def test_json_is_json_however_it_is_written(kind: str) -> None:
    found = checked(event("{}", headers={"content-type": kind}), parameters=())

    assert found["headers"]["content-type"] == "application/json"


def test_kind_of_a_body_that_is_not_there_does_not_matter() -> None:
    found = checked(event(headers={"content-type": "text/plain"}), parameters=())

    assert (found["body"], found["headers"]["content-type"]) == (None, "application/json")
