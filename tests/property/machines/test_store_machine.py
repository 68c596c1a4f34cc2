"""Both stores do what the specification says, in any order of calls; wrong ones are found out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from moto import mock_aws

from tests.contract.conftest import create_table
from tests.property.machines.sizes import HUNTED, PLAYED
from tests.property.machines.store_machine import machine_on
from tests.simulation.mutants import MUTANTS
from workerless.aws.dynamodb import DynamoStore
from workerless.testing.memory import FakeClock, InMemoryStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# moto takes milliseconds where memory takes microseconds.
FEWER = settings(PLAYED, max_examples=PLAYED.max_examples // 10)
BY_FAULT = {mutant.fault: mutant for mutant in MUTANTS}
WRONG = (
    "no fence on finish",
    "no cap on attempts that crash",
    "takes live leases",
    "runs before its time",
    "takes over from company in company",
    "no self-win on claim",
    "no self-win on finish",
    "takes another's finish for its own",
    "charges for crashes in company",
)


@pytest.fixture(scope="module")
def dynamodb() -> "Iterator[DynamoDBClient]":
    with mock_aws():
        yield boto3.client("dynamodb", "us-east-1")


def test_store_in_memory_does_as_specified() -> None:
    run_state_machine_as_test(machine_on(InMemoryStore), settings=PLAYED)


def test_store_on_dynamodb_does_as_specified(dynamodb: "DynamoDBClient") -> None:
    def make(clock: FakeClock) -> DynamoStore:
        return DynamoStore(dynamodb, create_table(dynamodb), clock)

    run_state_machine_as_test(machine_on(make), settings=FEWER)


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_store_is_found_out(fault: str) -> None:
    with BY_FAULT[fault].at_work(), pytest.raises((AssertionError, ValueError)):
        run_state_machine_as_test(machine_on(InMemoryStore), settings=HUNTED)
