"""Fingerprints of errors as they come, and the place in the user's code that they came from."""

import pytest

from workerless.execution.failure import describe
from workerless.fingerprint import fingerprint
from workerless.record import AttemptError
from workerless.testing.sample import an_error

OURS = '  File "/var/task/functions/send_email/handler.py", line {}, in {}\n    send(email)\n'
THEIRS = (
    '  File "/opt/python/botocore/client.py", line 595, in _api_call\n    raise\n'
    '  File "/var/lang/lib/python3.13/socket.py", line 5, in connect\n    raise\n'
)


def _print(message: str = "boom", traceback: str = "") -> str:
    error = AttemptError(
        attempt=1, at=an_error().at, error_type="OSError", message=message, traceback=traceback
    )
    return fingerprint(error, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("order 17 is gone", "order 200345 is gone"),
        ("<Order object at 0x7f3a10>", "<Order object at 0x10ffb2>"),
        ("could not read /tmp/a/b.csv", "could not read /var/tmp/other.csv"),
        ("invoices/2024/x.pdf missing", "invoices/2025/12/y.pdf missing"),
        ("can't find user 'o\"neil'", "can't find user 'smith'"),
        ("{'id': 5, 'name': 'x'}", "{'id': 77, 'name': 'y z'}"),
        ("connect to 10.0.0.1:5432: timed out", "connect to 10.9.8.7:80: timed out"),
        ("anna@example.com is unknown", "bob+x@mail.example.org is unknown"),
        ("took 12.5 s", "took 0.031 s"),
        ("key a1b2-c3 expired", "key ffff-0001 expired"),
        ("ids 1, 2, 3 are bad", "ids 5 are bad"),
        ("Timeout  after\n3 s", "timeout after 30 s"),
    ],
)
def test_same_mistake_of_other_jobs_is_the_same_failure(one: str, other: str) -> None:
    assert _print(one) == _print(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("read/write error", "input/output error"),
        ("order 17 is gone", "order 17 is late"),
        ("can't open the door, won't try", "can't close the door, won't try"),
        ("no such table", "no such column"),
        ("Not Found for url: http://a", "Forbidden for url: http://a"),
    ],
)
def test_other_mistake_is_another_failure(one: str, other: str) -> None:
    assert _print(one) != _print(other)


def test_line_of_the_code_and_where_it_lies_make_no_difference() -> None:
    here = OURS.format(30, "perform")
    there = here.replace("/var/task/", "/home/me/checkout/").replace("line 30", "line 31")

    assert _print(traceback=here) == _print(traceback=there)


def test_innermost_place_in_the_users_code_tells_failures_apart() -> None:
    perform, send = OURS.format(30, "perform"), OURS.format(5, "send")

    assert _print(traceback=perform) != _print(traceback=send)
    assert _print(traceback=perform + send) == _print(traceback=send)
    assert _print(traceback=send + THEIRS) == _print(traceback=send)
    assert _print(traceback=THEIRS) == _print()


def test_same_line_of_a_handler_gives_the_same_fingerprint_for_every_job() -> None:
    def attempt(number: int) -> AttemptError:
        try:
            int(f"no-number-{number}")
        except ValueError as error:
            return describe(error, attempt=number, at=an_error().at)
        raise AssertionError

    prints = {fingerprint(attempt(number), "attempts_exhausted") for number in range(1, 200)}

    assert len(prints) == 1
