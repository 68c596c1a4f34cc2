"""Settings of flow control: what was saved is what is found, in memory and in a table."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.contract.conftest import CLOUDS, Cloud, create_table
from workerless.aws.flow.settings import DynamoSettings
from workerless.aws.table import Table
from workerless.errors import RecordUnreadableError
from workerless.flow.settings import NO_SETTINGS, STAGE, FlowSettings, Override, Pause
from workerless.flow_ports import SettingsStore
from workerless.frozen import replace
from workerless.testing.flow.settings import InMemorySettings
from workerless.testing.memory import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = FakeClock().now()
PAUSED = FlowSettings(
    pauses=(
        Pause(by="ada", at=NOW, why="tax day"),
        Pause(by="bob", at=NOW, why="late", until=NOW + timedelta(hours=1), tenant="acme"),
    ),
    overrides={
        "rate:visit": Override(by="ada", at=NOW, why="x", limit=3, per=timedelta(seconds=1.5)),
        "keys:visit": Override(by="ada", at=NOW, why="x", limit=0),
    },
    is_off=True,
)


@pytest.fixture(params=["memory", *CLOUDS])
def settings(
    request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock
) -> SettingsStore:
    if request.param == "memory":
        return InMemorySettings()
    client = clouds(request.param).dynamodb
    return DynamoSettings(Table(client, create_table(client), clock))


def test_nothing_is_set_at_first(settings: SettingsStore) -> None:
    assert settings.read_many(["visit", STAGE]) == [NO_SETTINGS, NO_SETTINGS]


def test_saved_settings_are_read_back_whole(settings: SettingsStore) -> None:
    assert settings.save("visit", PAUSED)
    assert settings.save(STAGE, replace(NO_SETTINGS, is_off=True))

    visit, stage, other = settings.read_many(["visit", STAGE, "other"])
    assert visit == replace(PAUSED, version=1)
    assert stage == FlowSettings(is_off=True, version=1)
    assert other == NO_SETTINGS


def test_of_two_who_read_the_same_one_saves(settings: SettingsStore) -> None:
    assert settings.save("visit", PAUSED)

    assert not settings.save("visit", replace(NO_SETTINGS, is_off=True))
    (read,) = settings.read_many(["visit"])
    assert settings.save("visit", replace(read, is_off=False))
    assert not settings.save("visit", replace(read, pauses=()))
    assert settings.read_many(["visit"]) == [replace(PAUSED, is_off=False, version=2)]


def test_own_save_whose_answer_was_lost_is_no_conflict(settings: SettingsStore) -> None:
    settings.save("visit", PAUSED)

    assert settings.save("visit", PAUSED)
    assert settings.read_many(["visit"]) == [replace(PAUSED, version=1)]


def test_what_is_no_settings_is_not_read(
    dynamodb: "DynamoDBClient", table: str, clock: FakeClock
) -> None:
    item = {"pk": {"S": "FLOW#visit"}, "sk": {"S": "SETTINGS"}, "version": {"N": "1"}}
    dynamodb.put_item(TableName=table, Item={**item, "told": {"S": "[]"}})

    with pytest.raises(RecordUnreadableError, match="FLOW#visit"):
        DynamoSettings(Table(dynamodb, table, clock)).read_many(["visit"])
