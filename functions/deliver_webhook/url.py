"""Which addresses a webhook may have, as far as its text tells.

Names are resolved when they are connected to (``network.py``): only there is it known where they
lead.
"""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from functions.deliver_webhook.address import is_public

MAX_LENGTH = 2_048
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_HTTPS_PORT = 443
_FIRST_FREE_PORT = 1_024


def check_url(url: str) -> str:
    """``url`` itself. Raises ``ValueError`` for what no delivery may go to.

    Plain http goes to the machine itself only; whether that is allowed is the stage's to say.
    """
    parts = _split(url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise ValueError("url must start with https://, got http://")
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"url must start with https://, got {parts.scheme!r}")
    if not parts.hostname:
        raise ValueError("url must name a host, got none")
    if "@" in parts.netloc:
        raise ValueError("url must hold no user name or password: sign the receiver up instead")
    _check_port(parts)
    _check_host(parts.hostname)
    return url


def _split(url: str) -> SplitResult:
    if len(url) > MAX_LENGTH:
        raise ValueError(f"url must be at most {MAX_LENGTH} characters, got {len(url)}")
    # Printable ASCII without spaces and backslashes: what parsers disagree about is not there.
    if not url.isascii() or not url.isprintable() or any(mark in url for mark in " \\"):
        raise ValueError(
            "url must be printable ASCII without spaces and backslashes; "
            "write a host in its xn-- form and percent-encode the rest"
        )
    return urlsplit(url)


def _check_port(parts: SplitResult) -> None:
    port = parts.port  # raises ValueError itself for what is no port
    if port is not None and port != _HTTPS_PORT and port < _FIRST_FREE_PORT:
        raise ValueError(
            f"port must be {_HTTPS_PORT} or at least {_FIRST_FREE_PORT}: no webhook receiver "
            f"listens among the ports of mail and shells, got {port}"
        )


def _check_host(host: str) -> None:
    """An address written out is judged at once: nobody can change where it leads."""
    if host in LOOPBACK_HOSTS:
        return
    try:
        address = ip_address(host)
    except ValueError:
        return
    if not is_public(address):
        raise ValueError(f"url must lead to the public internet, got {host}")
