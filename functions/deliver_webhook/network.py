"""The only way a webhook leaves: resolve once, check every address, connect to a checked one.

httpcore asks a network backend for a connection to a host name. This one resolves the name itself
and hands on a checked address, so no second look-up leads elsewhere (DNS rebinding). Host header,
SNI and certificate check keep the name, since they are taken from the URL.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

import httpcore
import httpx

from functions.deliver_webhook.address import Address, is_loopback, is_public

type Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]


class ForbiddenAddress(Exception):
    """The host leads to where no webhook may go."""


async def resolve(host: str, port: int) -> list[Address]:
    """Every address of ``host``, in the system's order. Raises ``OSError`` when there is none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(sockaddr[0]) for *_, sockaddr in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, and to the machine itself where ``allow_loopback``."""

    resolve: Resolve
    allow_loopback: bool

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises ``ForbiddenAddress``; the last address's error when none can be reached.

        One forbidden address among several is enough to refuse the host: an honest receiver has
        none, and which one is taken must not be a matter of luck.
        """
        addresses = await self.resolve(host, port)
        for address in addresses:
            if not (is_public(address) or (self.allow_loopback and is_loopback(address))):
                raise ForbiddenAddress(f"{host} must be on the public internet, got {address}")
        return await _connect_to_first(
            addresses, port, timeout=timeout, local_address=local_address, options=socket_options
        )


class GuardedTransport(httpx.AsyncBaseTransport):
    """httpx over one guarded connection; through no proxy, whatever the environment says."""

    def __init__(self, backend: GuardedBackend, ssl_context: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context, network_backend=backend, max_connections=1
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """What the wire raises stays httpcore's: to a job it is a failed attempt by any name."""
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=answer.status, headers=answer.headers, stream=_Body(answer)
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


@dataclass(frozen=True, slots=True)
class _Body(httpx.AsyncByteStream):
    """The answer's body as httpx streams it."""

    answer: httpcore.Response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self.answer.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self.answer.aclose()


async def _connect_to_first(
    addresses: Sequence[Address],
    port: int,
    *,
    timeout: float | None,  # noqa: ASYNC109 -- httpcore's signature
    local_address: str | None,
    options: Iterable[httpcore.SOCKET_OPTION] | None,
) -> httpcore.AsyncNetworkStream:
    """A connection to the first address that answers, tried in order."""

    async def connect(address: Address) -> httpcore.AsyncNetworkStream:
        return await httpcore.AnyIOBackend().connect_tcp(
            str(address), port, timeout, local_address, options
        )

    *others, last = addresses
    for address in others:
        with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
            return await connect(address)
    return await connect(last)
