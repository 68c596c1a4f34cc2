"""Runs the local cloud's emulator, and counts the calls that reach it.

A script, started as ``workerless.local.emulator`` is, in its place: counting in the emulator costs
nobody a millisecond, and sees the calls of all processes. ``GET /_counted`` tells.
"""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack import app as ministack

from workerless.local import emulator

type Message = dict[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Served = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]

PATH = "/_counted"
_TARGET = b"x-amz-target"
_SERVICES = {b"DynamoDB", b"AmazonSQS"}
# By the beginning of the key; what else there is are jobs.
_ITEMS = {"CONTAINER": "root", "PAGE": "page"}
_DEFINITION = "DEFINITION"


class Counted:
    """``served``, with a count of the calls of each name and kind of item, and of these items."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._calls: Counter[str] = Counter()
        self._items: Counter[str] = Counter()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._served(scope, receive, send)
        elif scope["path"] == PATH:
            await self._tell(send)
        else:
            await self._served(scope, self._reading(dict(scope["headers"]), receive), send)

    async def _tell(self, send: Send) -> None:
        body = json.dumps({"calls": self._calls, "items": self._items}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    def _reading(self, headers: Mapping[bytes, bytes], receive: Receive) -> Receive:
        """As ``receive``, counting the body once it is there."""
        service, _, call = headers.get(_TARGET, b"").partition(b".")
        if service.partition(b"_")[0] not in _SERVICES:
            return receive
        body = bytearray()

        async def read() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                body.extend(message["body"])
                if not message.get("more_body"):
                    self._count(call.decode(), json.loads(body))
            return message

        return read

    def _count(self, call: str, told: Mapping[str, Any]) -> None:
        items = _items(told)
        for item in set(items):
            self._calls[f"{call} {item}"] += 1
        self._items.update(f"{call} {item}" for item in items)


def _items(told: Mapping[str, Any]) -> list[str]:
    """What a call reads or writes, each by its kind."""
    if "Statements" in told:
        # Of containers there are none.
        return [f"job {one['Statement'].partition(' ')[0]}" for one in told["Statements"]]
    if "RequestItems" in told:
        asked = [one for of_table in told["RequestItems"].values() for one in _asked(of_table)]
        return [_item(key) for key in asked]
    if "TransactItems" in told:
        steps = [step for one in told["TransactItems"] for step in one.values()]
        return [_item(step.get("Key") or step["Item"]) for step in steps]
    if "QueueUrl" in told:
        return [told["QueueUrl"].rpartition("/")[2]] * len(told.get("Entries", "1"))
    key = told.get("Key") or told.get("Item")
    return [_item(key) if key else "index"]


def _asked(of_table: Any) -> list[Mapping[str, Any]]:
    if isinstance(of_table, list):
        return [one["PutRequest"]["Item"] for one in of_table]
    keys: list[Mapping[str, Any]] = of_table["Keys"]
    return keys


def _item(key: Mapping[str, Any]) -> str:
    pk, sk = key["pk"]["S"], key["sk"]["S"]
    kind = _ITEMS.get(pk.partition("#")[0], "job body" if sk.startswith("BODY") else "job")
    return (
        "definition" if sk.startswith(_DEFINITION) else f"{kind} {sk}" if kind == "page" else kind
    )


if __name__ == "__main__":
    served: Any = ministack
    served.app = Counted(ministack.app)
    emulator.main()
