"""What no proxy can do to a producer: batches taken in part, messages lost or doubled on their way.

Hooks of botocore in the client under test. A *refused* entry is reported as failed and was not
sent, a *lost* one is reported as sent and was not, an *echoed* one is sent twice.
"""

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

type Fate = Literal["refused", "lost", "echoed"]

_KEY = "meddled"


class Meddler:
    """Meddles with the batches of one client; ``chances`` is each fate's, and may be changed."""

    def __init__(self, *, rng: Random, chances: Mapping[Fate, float], plain: "SQSClient") -> None:
        self.done: Counter[Fate] = Counter()
        self.chances = chances
        self._rng = rng
        self._plain = plain

    def attach(self, client: "SQSClient") -> None:
        events = client.meta.events
        events.register("provide-client-params.sqs.SendMessageBatch", self._before)
        events.register("after-call.sqs.SendMessageBatch", self._after)

    def _before(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        first, *others = params["Entries"]  # SQS takes no empty batch: the first is always sent
        fates = {entry["Id"]: self._fate() for entry in others}
        sent = [one for one in others if fates[one["Id"]] not in {"refused", "lost"}]
        echoed = [one for one in sent if fates[one["Id"]] == "echoed"]
        context[_KEY] = (params["QueueUrl"], fates, echoed)
        params["Entries"] = [first, *sent]

    def _after(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        url, fates, echoed = context[_KEY]
        if "Successful" not in parsed:
            return
        for name, fate in fates.items():
            if fate == "refused":
                failure = {"Id": name, "SenderFault": False, "Code": "InternalError"}
                parsed.setdefault("Failed", []).append(failure)
            if fate == "lost":
                parsed["Successful"].append({"Id": name, "MessageId": "lost"})
        if echoed:
            self._plain.send_message_batch(QueueUrl=url, Entries=echoed)
        self.done.update(fate for fate in fates.values() if fate)

    def _fate(self) -> Fate | None:
        dice = self._rng.random()
        for fate, chance in self.chances.items():
            if dice < chance:
                return fate
            dice -= chance
        return None
