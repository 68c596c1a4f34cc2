"""Going back to a version that was: which one it is, what refuses it, and what the audit tells."""

from dataclasses import replace

import pytest

from tests.unit.operations.ward import Ward
from workerless.errors import JobStateError, OperationRefusedError, UnknownJobTypeError
from workerless.operations.opened import opened
from workerless.testing.directory import InMemoryDirectory
from workerless.versions import Versions


@pytest.fixture
def ward() -> Ward:
    """Three versions were deployed."""
    ward = Ward()
    for _ in range(3):
        ward.aliases.deploy(function_of(ward))
    return ward


def function_of(ward: Ward) -> str:
    return ward.desk.directory.find("visit").function


def found(ward: Ward) -> Versions:
    return ward.operations.releases.versions("visit")


def changed(ward: Ward, **changes: object) -> None:
    function = function_of(ward)
    ward.aliases.functions[function] = replace(ward.aliases.functions[function], **changes)  # type: ignore[arg-type]


def test_going_back_leads_to_the_version_before_and_on_from_there(ward: Ward) -> None:
    first = ward.operations.releases.back("visit", why="bad release")
    second = ward.operations.releases.back("visit", why="that one, too")

    assert ((first.was, first.to), (second.was, second.to)) == (((3,), 2), ((2,), 1))
    assert (found(ward).live, first.job_types) == (1, ("visit",))
    with pytest.raises(OperationRefusedError, match="is the first that is there"):
        ward.operations.releases.back("visit", why="still bad")


def test_version_that_is_gone_is_left_out(ward: Ward) -> None:
    changed(ward, all=tuple(one for one in found(ward).all if one.number != 2))

    moved = ward.operations.releases.back("visit", why="bad release")

    assert moved.to == 1


def test_version_is_chosen_also_a_later_one(ward: Ward) -> None:
    ward.operations.releases.back("visit", why="bad release", version=1)

    moved = ward.operations.releases.back("visit", why="it was not that", version=3)

    assert (moved.was, moved.to, found(ward).live) == ((1,), 3, 3)
    with pytest.raises(OperationRefusedError, match=r"must be one of .*\[3, 2, 1\], got 4"):
        ward.operations.releases.back("visit", why="x", version=4)


@pytest.mark.parametrize(("live", "other"), [(2, 3), (3, 2)])
def test_of_two_live_versions_the_older_is_left_alone(ward: Ward, live: int, other: int) -> None:
    changed(ward, live=live, shares={other: 0.1})
    assert (found(ward).share(live), found(ward).share(other)) == (0.9, 0.1)

    moved = ward.operations.releases.back("visit", why="bad release")

    assert (moved.was, moved.to, found(ward).shares) == ((live, other), 2, {})


def test_version_that_is_live_already_is_refused(ward: Ward) -> None:
    with pytest.raises(JobStateError, match=r"version 3 of .* is live already"):
        ward.operations.releases.back("visit", why="x", version=3)


def test_deployment_under_way_is_left_to_codedeploy(ward: Ward) -> None:
    changed(ward, live=2, shares={3: 0.1}, deployment="d-7")

    with pytest.raises(JobStateError, match=r"stop-deployment .* --deployment-id d-7"):
        ward.operations.releases.back("visit", why="bad release")

    assert found(ward).shares == {3: 0.1}
    assert ward.ledger.entries().items[0].outcome == "refused: JobStateError"


def test_who_was_later_than_somebody_else_moves_nothing(ward: Ward) -> None:
    read = found(ward)
    ward.aliases.move(read, 2)

    with pytest.raises(JobStateError):
        ward.aliases.move(read, 1)

    assert found(ward).live == 2


def test_audit_tells_who_went_back_from_where_to_where_and_why(ward: Ward) -> None:
    ward.operations.releases.back("visit", why="bad release")

    (entry, *_) = ward.ledger.entries().items
    assert (entry.verb, entry.on) == ("go back", f"{function_of(ward)} 3 to 2")
    assert (entry.by, entry.why, entry.outcome) == ("ada", "bad release", "done")


def test_all_job_types_of_a_pool_go_back_together(ward: Ward) -> None:
    directory = InMemoryDirectory(["visit", "bill", "greet"])
    directory.run_in_pool("pool", "visit", "bill")
    ward.aliases.deploy("pool")
    ward.aliases.deploy("pool")

    moved = opened(ward.at(directory=directory)).releases.back("visit", why="bad release")

    assert (moved.function, moved.job_types) == ("pool", ("bill", "visit"))


def test_what_has_no_version_to_go_back_to_says_what_to_do(ward: Ward) -> None:
    directory = InMemoryDirectory(["visit"])
    directory.run_in_containers("visit")
    with pytest.raises(OperationRefusedError, match="deploy the image"):
        opened(ward.at(directory=directory)).releases.back("visit", why="bad release")

    ward.aliases.functions.clear()
    with pytest.raises(OperationRefusedError, match="no alias live; deploy"):
        ward.operations.releases.back("visit", why="bad release")
    with pytest.raises(UnknownJobTypeError):
        ward.operations.releases.versions("nobody")


@pytest.mark.parametrize("why", ["", "  ", "x" * 501])
def test_reason_must_be_said(ward: Ward, why: str) -> None:
    with pytest.raises(OperationRefusedError, match="why must be"):
        ward.operations.releases.back("visit", why=why)
