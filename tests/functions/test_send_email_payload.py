"""send_email: which emails can be asked for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from functions.send_email.job import EmailAddress, SendEmail
from workerless.payload import read_payload

GOOD: dict[str, Any] = {
    "email_id": "welcome-1",
    "to": "ada@example.com",
    "template": "welcome",
    "variables": {"name": "Ada", "link": "https://example.com/"},
}
ADDRESS = TypeAdapter(EmailAddress)


def test_good_email_is_accepted() -> None:
    assert SendEmail.model_validate(GOOD).to == "ada@example.com"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email_id", ""),
        ("email_id", "with space"),
        ("email_id", "x" * 129),
        ("template", "goodbye"),
        ("variables", {}),
        ("variables", {"name": "Ada"}),
        ("variables", {"name": "", "link": "https://example.com/"}),
        ("variables", {"name": "Ada\nBcc: x@y.de", "link": "https://example.com/"}),
        ("variables", {"name": "Ada\u2028", "link": "https://example.com/"}),
        ("variables", {"name": "\ud83d", "link": "https://example.com/"}),
        ("variables", {"name": "x" * 501, "link": "https://example.com/"}),
        ("variables", {"name": "Ada", "link": "javascript:alert(1)"}),
        ("variables", {"name": "Ada", "link": "http://example.com/"}),
        ("variables", {**{f"v{n}": "x" for n in range(20)}, **GOOD["variables"]}),
        ("surprise", 1),
    ],
)
def test_bad_email_is_refused_by_its_field(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        SendEmail.model_validate({**GOOD, field: value})


def test_missing_variables_are_named() -> None:
    with pytest.raises(ValidationError, match="for template 'reminder', missing due, task"):
        SendEmail.model_validate({**GOOD, "template": "reminder"})


def test_worker_reads_an_email_of_a_newer_producer() -> None:
    newer = {**GOOD, "locale": "de", "variables": {**GOOD["variables"], "footer": "Bye"}}

    assert read_payload(SendEmail, newer).email_id == "welcome-1"


@pytest.mark.parametrize(
    "address",
    ["a@b.de", "first.last+tag@sub.example.co.uk", "o'neil@example.com", "x@xn--bcher-kva.de"],
)
def test_mailbox_is_accepted(address: str) -> None:
    assert ADDRESS.validate_python(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@localhost",
        "ada@-example.com",
        "ada@example..com",
        "ada@example.com\n",
        "ada@example.com\r\nBcc: x@y.de",
        "ada@example.com, x@y.de",
        "Ada <ada@example.com>",
        "ada @example.com",
        "ädä@example.com",
        "ada@bücher.de",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 63}.de",
    ],
)
def test_what_is_no_single_mailbox_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        ADDRESS.validate_python(address)


@given(st.text())
def test_no_text_smuggles_a_second_header_or_address(text: str) -> None:
    try:
        address = ADDRESS.validate_python(f"ada@example.com{text}")
    except ValidationError:
        return

    assert address.isascii()
    assert address.isprintable()
    assert not set(address) & set(' ,;<>"()[]:\\')
