"""Mappings with pollers of their own have no MaximumConcurrency: their number is the bound."""

from dataclasses import replace

import pytest

from workerless.deployed import DeployedJobType
from workerless.operations.doctor import function_rules, mapping_rules
from workerless.ports import Address
from workerless.testing.platform import a_deployed_job_type

PLAIN = a_deployed_job_type(
    Address(job_type="greet", queue="http://sqs/1/greet", dead_letters="d", function="greet")
)


def with_pollers(reserved: int | None) -> DeployedJobType:
    assert PLAIN.function
    return replace(
        PLAIN,
        mappings=tuple(replace(one, max_concurrency=None, pollers=2) for one in PLAIN.mappings),
        function=replace(PLAIN.function, reserved=reserved),
    )


def test_pollers_stand_for_a_maximum_concurrency() -> None:
    assert [*mapping_rules.concurrency_is_the_mappings(with_pollers(None))] == []


@pytest.mark.parametrize(("reserved", "is_enough"), [(19, False), (20, True), (None, True)])
def test_each_poller_has_ten_invocations_at_once(reserved: int | None, *, is_enough: bool) -> None:
    found = [*function_rules.reserve_is_enough(with_pollers(reserved))]

    assert [one.rule for one in found] == ([] if is_enough else ["reserved_concurrency"])
