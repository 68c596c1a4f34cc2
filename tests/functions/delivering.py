"""One delivery as a test makes it: nothing but the resolver is a double."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from functions.deliver_webhook.address import Address
from functions.deliver_webhook.delivery import Sender
from functions.deliver_webhook.handler import deliver, ssl_context
from functions.deliver_webhook.job import Delivered, DeliverWebhook
from functions.deliver_webhook.signature import Secret

SECRET = Secret(key=b"0123456789abcdef01234567")
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
HOST = "hooks.example.com"


class FakeResolver:
    """Answers each look-up with the next list of addresses, and for ever with the last one."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[Address]:
        answer = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append((host, port))
        return [ip_address(address) for address in answer]


def webhook(url: str, **body: Any) -> DeliverWebhook:
    return DeliverWebhook(
        delivery_id="dlv_1", url=url, event="order.paid", body=body or {"order": 7}
    )


def sent(event: DeliverWebhook, **options: Any) -> Delivered:
    sender = Sender(**{"ssl_context": ssl_context(), "allow_loopback": True, **options})
    return asyncio.run(deliver(event, sender=sender, secret=SECRET, now=NOW))
