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
from tests.simulation.mutants import MUTANTS, Mutant
from workerless.aws.dynamodb import DynamoStore
from workerless.testing import store as testing_store
from workerless.testing.memory import FakeClock, InMemoryStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# moto takes milliseconds where memory takes microseconds.
FEWER = settings(PLAYED, max_examples=PLAYED.max_examples // 10)
WRONG = [mutant for mutant in MUTANTS if mutant.owner is testing_store]


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


@pytest.mark.parametrize("mutant", WRONG, ids=lambda mutant: mutant.fault)
def test_wrong_store_is_found_out(mutant: Mutant) -> None:
    with mutant.at_work(), pytest.raises((AssertionError, ValueError)):
        run_state_machine_as_test(machine_on(InMemoryStore), settings=HUNTED)
