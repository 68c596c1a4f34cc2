"""Groups of dead jobs: what failed of the same, and what people said of it."""

from datetime import timedelta

import pytest

from tests.unit.operations.ward import Ward
from workerless.errors import OperationRefusedError, UnknownJobTypeError
from workerless.ledger import Kind
from workerless.operations.group import Group, Status
from workerless.search import Search

SECOND = timedelta(seconds=1)


def only_group(ward: Ward) -> Group:
    (group,) = ward.operations.groups.list("visit")
    return group


def test_jobs_that_failed_of_the_same_are_one_group() -> None:
    ward = Ward()
    began = ward.clock.now()
    ids = ward.kill(12)
    ward.file(2)

    first, second = ward.operations.groups.list("visit")

    assert (first.count, first.error_type, first.status) == (12, "OSError", Status.OPEN)
    assert len(first.sample_ids) == 5
    assert set(first.sample_ids) <= set(ids)
    assert "is ill" in first.sample_message
    assert began <= first.first_seen <= first.last_seen <= ward.clock.now()
    assert second.count == 2


def test_group_is_what_a_bulk_operation_is_given() -> None:
    ward = Ward()
    ward.kill(3)
    ward.file(2)
    first = ward.operations.groups.list("visit")[0]

    search = Search(job_type="visit", fingerprint=first.fingerprint)

    assert ward.operations.bulk.count(Kind.RETRY, search).number == 3


def test_resolved_group_is_reopened_by_the_next_failure() -> None:
    ward = Ward()
    ward.kill(1)
    groups = ward.operations.groups

    groups.resolve("visit", only_group(ward).fingerprint, why="fixed in 1.2")
    resolved = only_group(ward)
    ward.clock.advance(SECOND)
    ward.kill(1)

    assert (resolved.status, resolved.by, resolved.why) == (Status.RESOLVED, "ada", "fixed in 1.2")
    assert only_group(ward).status is Status.REOPENED


def test_ignored_group_stays_so_until_the_word_is_taken_back() -> None:
    ward = Ward()
    ward.kill(1)
    groups, fingerprint = ward.operations.groups, only_group(ward).fingerprint

    groups.ignore("visit", fingerprint)
    ward.kill(1)
    ignored = only_group(ward).status
    groups.reopen("visit", fingerprint)

    assert (ignored, only_group(ward).status) == (Status.IGNORED, Status.OPEN)
    verbs = [(one.verb, one.on) for one in ward.operations.audit.list().items]
    told = f"group {fingerprint} of visit"
    assert verbs == [("reopen", told), ("ignore", told)]


def test_groups_of_an_unknown_job_type_are_refused() -> None:
    groups = Ward().operations.groups

    with pytest.raises(UnknownJobTypeError):
        groups.list("nobody")
    with pytest.raises(UnknownJobTypeError):
        groups.resolve("nobody", "0" * 16)


@pytest.mark.parametrize("name", ["abc", "0" * 15, "0" * 17, "\x1b]0;x\x07"])
def test_word_on_what_can_be_no_group_is_refused(name: str) -> None:
    with pytest.raises(OperationRefusedError, match="16 hexadecimal digits"):
        Ward().operations.groups.resolve("visit", name)
