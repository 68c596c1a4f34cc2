"""findings: real changes of a job type between two releases, and what is said of each."""

from collections.abc import Mapping
from math import inf
from typing import Annotated, Any

import pytest
from pydantic import AliasChoices, Field

from tests.unit.contract.orders import (
    Checked,
    Fields,
    Grown,
    MadeRequired,
    Narrowed,
    NewOptional,
    NewRequired,
    Order,
    Removed,
    Renamed,
    Retyped,
    Same,
    Shrunk,
    Widened,
    Within,
)
from workerless import JobType, Payload
from workerless.contract.check import Finding, Kind, findings
from workerless.contract.recorded import Contract, Sample, contract_of
from workerless.sensitive import Sensitive
from workerless.upcast import Upcaster

DATA: dict[str, Any] = {"name": "Ada", "format": "svg", "lines": [{"sku": "tea"}]}


def job_type(
    payload: type[Payload], version: int = 1, upcasters: Mapping[int, Upcaster] | None = None
) -> JobType[Any, Any]:
    return JobType(name="order", payload=payload, version=version, upcasters=upcasters or {})


def released(version: int = 1) -> Contract:
    return contract_of(job_type(Order, version), [Sample(version=version, data=DATA)], None)


def found(after: JobType[Any, Any], before: Contract | None = None) -> list[Finding]:
    return findings({after.name: after}, {"order": before or released()})


def told(after: JobType[Any, Any], before: Contract | None = None) -> set[tuple[Kind, bool]]:
    return {(one.kind, one.breaks) for one in found(after, before)}


def text(after: JobType[Any, Any]) -> str:
    return "\n".join(f"{one.says}; {one.fix}" for one in found(after))


WAITING, OLD = (Kind.WAITING, True), (Kind.OLD_WORKERS, True)


@pytest.mark.parametrize(
    ("after", "kinds", "said"),
    [
        (Same, set(), ""),
        (NewOptional, set(), ""),
        (Removed, {OLD, (Kind.IGNORED, False)}, "payload.name is required, is never there"),
        (MadeRequired, {WAITING, (Kind.SAMPLE, True)}, "payload.note is required, may be absent"),
        (
            NewRequired,
            {WAITING, (Kind.SAMPLE, True)},
            "payload.customer is required, is never there",
        ),
        (
            Narrowed,
            {WAITING, (Kind.SAMPLE, True)},
            "payload.name takes at most 2 characters, may have 10",
        ),
        (Widened, {OLD}, "payload.name takes at most 10 characters, may have 20"),
        (
            Shrunk,
            {WAITING, (Kind.SAMPLE, True)},
            'payload.format takes "csv", may be "svg"',
        ),
        (Grown, {OLD}, 'payload.format takes "csv" or "svg", may be "pdf"'),
        (
            Retyped,
            {WAITING, OLD, (Kind.SAMPLE, True)},
            "payload.name takes integer, may be string",
        ),
        (Within, {WAITING}, "payload.lines[].count takes >= 1, may be any number"),
        (Renamed, {(Kind.IGNORED, False)}, "payload.note is read no more"),
        (Checked, {(Kind.SAMPLE, True)}, "does not pass the check that its model makes"),
    ],
)
def test_change_at_the_same_version(
    after: type[Payload], kinds: set[tuple[Kind, bool]], said: str
) -> None:
    assert told(job_type(after)) == kinds
    assert said in text(job_type(after))


@pytest.mark.parametrize("after", [Removed, Widened, Grown])
def test_what_only_old_workers_do_not_read_takes_a_raised_version(after: type[Payload]) -> None:
    assert "raise version to 2" in text(job_type(after))

    assert not any(one.breaks for one in found(job_type(after, 2)))
    assert (Kind.OLD_WORKERS, False) in told(job_type(after, 2))


@pytest.mark.parametrize("after", [MadeRequired, Narrowed, Shrunk, Retyped])
def test_what_waits_takes_an_upcaster_besides(after: type[Payload]) -> None:
    assert "upcasters={1: ...}" in text(job_type(after))

    assert WAITING in told(job_type(after, 2))
    assert "upcasters={1: ...}, which is missing" in text(job_type(after, 2))


def shorter(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "name": data["name"][:2]}


def test_upcaster_that_lifts_what_is_recorded_mends_it() -> None:
    assert told(job_type(Narrowed, 2, {1: shorter})) == {(Kind.BARE, False)}
    assert "dataschema urn:workerless:order:1" in text(job_type(Narrowed, 2, {1: shorter}))


def test_upcaster_that_does_not_is_found_by_what_is_recorded() -> None:
    wrong = job_type(Narrowed, 2, {1: lambda data: data})

    assert (Kind.SAMPLE, True) in told(wrong)
    assert "payload.name" in text(wrong)


def test_upcaster_that_raises_is_told_of() -> None:
    def raises(data: dict[str, Any]) -> dict[str, Any]:
        return {"name": data["nobody"]}

    assert "KeyError: 'nobody'" in text(job_type(Narrowed, 2, {1: raises}))


def test_upcaster_may_change_what_is_within_and_leaves_what_is_recorded() -> None:
    def strips(data: dict[str, Any]) -> dict[str, Any]:
        data["lines"].clear()
        return data

    before = released()

    assert told(job_type(Checked, 2, {1: strips}), before) == {(Kind.BARE, False)}
    assert before == released()


def test_payload_of_a_version_long_gone_goes_through_every_upcaster() -> None:
    before = Contract(
        version=3,
        schema=contract_of(job_type(Order, 3), [], None).schema_,
        payloads=(Sample(version=1, data={"first": "Ada"}), Sample(version=3, data=DATA)),
    )
    lifted = {1: lambda data: {"full": data["first"]}, 2: lambda data: {"name": data["full"]}}

    assert told(job_type(Order, 3, lifted), before) == set()
    assert (Kind.SAMPLE, True) in told(job_type(Order, 3, {2: lifted[2]}), before)


def test_version_is_never_lowered() -> None:
    assert told(job_type(Order, 2), released(3)) == {(Kind.LOWERED, True)}
    assert found(job_type(Order, 2), released(3))[0].fix == "raise it to 4"


def test_job_type_that_is_declared_no_more_may_have_messages() -> None:
    renamed = JobType(name="purchase", payload=Order)

    (one,) = findings({"purchase": renamed}, {"order": released()})

    assert (one.job_type, one.kind, one.breaks) == ("order", Kind.GONE, True)
    assert "workerless queues drain order" in one.fix


def test_job_type_that_was_never_released_may_be_anything() -> None:
    assert findings({"order": job_type(Narrowed)}, {}) == []


class Secret(Fields):
    """``note`` is shown to nobody any more."""

    note: Sensitive[str] = ""


def test_field_made_sensitive_is_no_change() -> None:
    assert told(job_type(Secret)) == set()
    assert contract_of(job_type(Secret), [], released()) == released()


class TwoNames(Fields):
    """Its schema tells of the first name only."""

    note: str = Field(validation_alias=AliasChoices("remark", "note"))


def test_where_the_schema_says_too_much_an_upcaster_leaves_it_to_what_is_recorded() -> None:
    named = contract_of(job_type(Order), [Sample(version=1, data={**DATA, "note": "a"})], None)

    assert WAITING in told(job_type(TwoNames), named)
    assert told(job_type(TwoNames, 2, {1: dict}), named) == set()


class Endless(Payload):
    """Numbers that JSON does not have, as bound and as default."""

    size: Annotated[float, Field(lt=inf)] = inf


def test_number_that_json_does_not_have_is_no_trouble() -> None:
    before = contract_of(job_type(Endless), [Sample(version=1, data={"size": 1})], None)

    assert findings({"order": job_type(Endless)}, {"order": before}) == []
    assert Contract.model_validate_json(before.text()) == before


def test_contract_without_a_payload_says_so() -> None:
    before = contract_of(job_type(Order), [], None)

    assert told(job_type(Order), before) == {(Kind.UNPROVEN, False)}
    assert "its upcaster" in found(job_type(Narrowed, 2, {1: shorter}), before)[-1].says
