"""A sensitive value is cut out of what a handler raises, as its model made it, however quoted."""

import json
import reprlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from tests.unit.execution.bench import Bench
from workerless import Discard, Fixed, JobType, Payload, Sensitive
from workerless.chunks import chunk_worker
from workerless.record import Record
from workerless.sensitive import REDACTED
from workerless.sensitive_text import without
from workerless.signals import JobCancelled

MARK = "canary-9u0e"
TRICKY = [f"it's-{MARK}", f'"{MARK}', f"'\"-{MARK}", f"C:\\{MARK}", f"ä-{MARK}", f"one\n{MARK}\n"]


class Login(Payload):
    """What its model makes of what it is given."""

    password: Sensitive[Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True)]]
    pin: Sensitive[int] = 70_002
    born: Sensitive[datetime] = Field(default=datetime.fromisoformat("1970-01-02T03:04:05Z"))
    open_for: Sensitive[timedelta] = timedelta(hours=7)


LOGIN = JobType(
    name="login",
    payload=Login,
    retry=Fixed(attempts=1, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=5),
)


def record_of(
    raised: Callable[[Login], BaseException], password: str = f" {MARK.upper()} "
) -> Record:
    """Of a job that raised this."""

    def perform(payload: Login) -> None:
        raise raised(payload)

    bench = Bench(job_type=LOGIN)
    bench.handle(perform)
    return _ran(bench, password)


def _ran(bench: Bench, password: str = f" {MARK.upper()} ") -> Record:
    bench.send(json.dumps({"password": password}))
    bench.deliver()
    (record,) = bench.store.records()  # type: ignore[attr-defined]
    return record  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "raised",
    [
        lambda login: ValueError(f"{login.password} {login.pin} {login.born} {login.open_for}"),
        lambda login: ValueError(repr(vars(login))),
        lambda login: ValueError(login.model_dump()),
        lambda login: ValueError(login.model_dump_json()),
        lambda login: KeyError((login.password, login.pin, login.born, login.open_for)),
    ],
)
def test_what_a_model_made_of_a_value_is_cut_out_too(raised: Any) -> None:
    record = record_of(raised)

    (error,) = record.errors
    for told in (MARK, "7000", "1970", "7:00:00", "PT7H", "25200"):
        assert told not in error.message
    assert error.message.count(REDACTED) >= 4


def test_what_the_models_of_a_chunk_made_is_cut_out_too() -> None:
    @chunk_worker(replace(LOGIN, batch_size=10))
    def perform(payloads: Sequence[Login]) -> None:
        raise ValueError(f"{payloads[0].password} {payloads[0].pin}")

    bench = Bench(job_type=LOGIN)
    bench.worker = perform

    assert _ran(bench).errors[0].message == f"{REDACTED} {REDACTED}"


@pytest.mark.parametrize("raised", [Discard, JobCancelled])
def test_no_reason_of_an_end_quotes_a_value(raised: type[BaseException]) -> None:
    record = record_of(lambda login: raised(f"nobody is {login.password}"))

    assert record.reason == f"nobody is {REDACTED}"


@pytest.mark.parametrize("secret", TRICKY)
@pytest.mark.parametrize(
    "quoted",
    [
        lambda secret: repr(f"no 'user' \"{secret}\""),
        ascii,
        lambda secret: str(KeyError(str({"password": secret, "other": "'"}))),
        lambda secret: str(ValueError(400, json.dumps({"password": secret}))),
        lambda secret: str(ValueError(400, json.dumps({"password": secret}).encode())),
        lambda secret: json.dumps({"body": json.dumps({"password": secret})}),
        lambda secret: json.dumps({"error": repr(secret)}, ensure_ascii=False),
    ],
)
def test_quoted_twice_is_cut_out_too(quoted: Callable[[str], str], secret: str) -> None:
    told = quoted(secret)

    assert MARK in told
    assert MARK not in without(told, {secret})


LONG = "".join(f"{number:03}{MARK[-4:]}" for number in range(60))


class Header(BaseModel):
    """Another library's."""

    size: int


@pytest.mark.parametrize(
    "shortened",
    [
        lambda secret: str(misfit_of(secret)),
        lambda secret: str(misfit_of(secret.encode())),
        lambda secret: str(misfit_of({"user": "ada", "token": secret})),
        lambda secret: str(misfit_of({"token": secret, "user": "ada"})),
        lambda secret: str(misfit_of([secret, secret])),
        lambda secret: repr(ExceptionGroup("two", [misfit_of(secret), misfit_of([secret])])),
        lambda secret: reprlib.repr({"token": secret}),
        lambda secret: f"{secret[:300]}...",
        lambda secret: f"it ends with …{secret[-40:]}",
    ],
)
def test_what_a_library_left_of_a_long_value_is_cut_out_too(
    shortened: Callable[[str], str],
) -> None:
    told = shortened(LONG)

    assert MARK[-4:] in told
    assert MARK[-4:] not in without(told, {LONG})


def misfit_of(value: object) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Header.model_validate({"size": value})
    return caught.value


def test_what_another_model_says_of_a_long_value_is_nowhere() -> None:
    def raised(login: Login) -> BaseException:
        return misfit_of({"authorization": f"Bearer {login.password}"})

    record = record_of(raised, password=LONG)

    (error,) = record.errors
    assert "valid integer" in error.message
    assert MARK[-4:] not in error.message


def test_ellipses_beside_other_words_stay() -> None:
    told = "wait... what? and so on..."

    assert without(told, {LONG, "other"}) == told
    assert without("..." * 1_001, {LONG}) == REDACTED


def test_values_full_of_quotation_marks_are_too_many_sooner() -> None:
    many = {f"'\"\\ä{number}-{MARK}" for number in range(500)}

    assert without("a text", many) == REDACTED
