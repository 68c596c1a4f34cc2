"""An EventBridge bus, told ten events a call."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from workerless.lifecycle_event import SOURCE
from workerless.lifecycle_ports import Announcement
from workerless.ports import Telemetry

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
_MOST = 10


class EventBridgeBus:
    """``name`` is a bus of this account."""

    def __init__(self, client: "EventBridgeClient", name: str, telemetry: Telemetry) -> None:
        self._client = client
        self._name = name
        self._telemetry = telemetry

    def put_many(self, announcements: Sequence[Announcement]) -> int:
        """How many were taken before the first that was not; others after it may be, too."""
        for start in range(0, len(announcements), _MOST):
            batch = announcements[start : start + _MOST]
            taken = self._put(batch)
            if taken < len(batch):
                return start + taken
        return len(announcements)

    def _put(self, batch: Sequence[Announcement]) -> int:
        try:
            answer = self._client.put_events(Entries=[self._entry(one) for one in batch])
        except (ClientError, BotoCoreError) as error:
            self._telemetry.trouble("publish_failed", error, bus=self._name)
            return 0
        codes = [one.get("ErrorCode") for one in answer["Entries"]]
        taken = next((number for number, code in enumerate(codes) if code), len(batch))
        if taken < len(batch):
            self._telemetry.trouble("publish_failed", None, bus=self._name, code=codes[taken])
        return taken

    def _entry(self, one: Announcement) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": one.kind.value,
            "Detail": one.event.model_dump_json(by_alias=True, exclude_none=True),
            "Time": one.event.at,
        }
