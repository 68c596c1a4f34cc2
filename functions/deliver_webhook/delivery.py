"""One delivery over the wire: a signed POST, and the head of the answer."""

import asyncio
import ssl
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpcore
import httpx

from functions.deliver_webhook.job import DeliverWebhook
from functions.deliver_webhook.network import GuardedBackend, GuardedTransport, Resolve, resolve
from functions.deliver_webhook.signature import Secret, sign
from workerless.payload import canonical_json

MAX_ANSWER_BYTES = 65_536
_STEPS = httpx.Timeout(connect=5, write=5, read=10, pool=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What of a receiver's answer decides: its body does not."""

    status: int
    retry_after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """How deliveries leave. ``within`` bounds all of one up to the head of its answer.

    Steps have their own timeouts, but a receiver that sends a byte now and then would meet them.
    ``body_within`` bounds how long the rest of the answer is listened to.
    """

    ssl_context: ssl.SSLContext
    allow_loopback: bool = False
    resolve: Resolve = resolve
    within: timedelta = timedelta(seconds=20)
    body_within: timedelta = timedelta(seconds=2)

    async def post(self, webhook: DeliverWebhook, *, secret: Secret, now: datetime) -> Answer:
        """Raises ``ForbiddenAddress``, and whatever the network does."""
        body = canonical_json({"type": webhook.event, "data": webhook.body}).encode()
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": "workerless",
            **sign(secret, delivery_id=webhook.delivery_id, now=now, body=body),
        }
        backend = GuardedBackend(resolve=self.resolve, allow_loopback=self.allow_loopback)
        async with httpx.AsyncClient(
            transport=GuardedTransport(backend, self.ssl_context),
            timeout=_STEPS,
            trust_env=False,
            follow_redirects=False,
        ) as client:
            request = client.build_request("POST", webhook.url, content=body, headers=headers)
            async with asyncio.timeout(self.within.total_seconds()):
                response = await client.send(request, stream=True)
            async with aclosing(response):
                await _drain(response, self.body_within)
                return Answer(
                    status=response.status_code, retry_after=response.headers.get("retry-after")
                )


async def _drain(response: httpx.Response, within: timedelta) -> None:
    """Take and drop the answer's body, up to 64 KB of it.

    To close at once would look like a lost connection to some receivers. The head has decided
    already: how the body ends, and whether, changes nothing.
    """
    taken = 0
    with suppress(
        httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, TimeoutError
    ):
        async with asyncio.timeout(within.total_seconds()):
            async for part in response.aiter_raw():
                taken += len(part)
                if taken >= MAX_ANSWER_BYTES:
                    break
