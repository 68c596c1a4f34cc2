"""The settings of flow control in the stage's table: an item a job type, one for the stage."""

from collections.abc import Sequence

from workerless.aws.item import Item
from workerless.aws.table import Table
from workerless.aws.value import Value, number, text
from workerless.errors import RecordUnreadableError
from workerless.flow.settings import (
    NO_SETTINGS,
    FlowSettings,
    read_settings,
    settings_key,
    write_settings,
)


class DynamoSettings:
    """Those of one stage. They stay until somebody changes them, so nothing expires."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read_many(self, names: Sequence[str]) -> list[FlowSettings]:
        return [_read(item) for item in self._table.read([_key(name) for name in names])]

    def save(self, name: str, settings: FlowSettings) -> bool:
        """True also where it stands there already, word for word."""
        new = {
            **_key(name),
            "version": number(settings.version + 1),
            "told": text(write_settings(settings)),
        }
        refused = self._table.put(
            new,
            condition="version = :read" if settings.version else "attribute_not_exists(pk)",
            values={":read": number(settings.version)} if settings.version else None,
        )
        return refused is None or refused.old == new


def _key(name: str) -> dict[str, Value]:
    return {"pk": text(settings_key(name)), "sk": text("SETTINGS")}


def _read(item: Item | None) -> FlowSettings:
    if item is None:
        return NO_SETTINGS
    try:
        return read_settings(item["told"]["S"], int(item["version"]["N"]))
    except (LookupError, ValueError, TypeError) as error:
        raise RecordUnreadableError(
            f"item {item.get('pk')} holds no settings: {type(error).__name__}: {error}"
        ) from error
