"""Cursors as callers hold them: they cannot be read, changed, or used for another search. Pure.

Where a page ended names jobs that its reader may not see, so a cursor is sealed, not only signed:
its signature, by HMAC-SHA256, is also the nonce of a keystream from the same function (a synthetic
initialisation vector, as in RFC 5297). The same page has the same cursor.
"""

import base64
import hmac
from collections.abc import Iterator
from hashlib import sha256
from itertools import count

from workerless.errors import CursorRefusedError

_TAG_BYTES = 16


def seal(text: str, *, of: str, secret: bytes) -> str:
    """``text`` as a cursor that only ``opened`` reads, and only with the same ``of``."""
    data = text.encode()
    tag = _tag(data, of, secret)
    return _text(tag + _mixed(data, tag, secret))


def opened(cursor: str, *, of: str, secret: bytes) -> str:
    """What was sealed. Raises ``CursorRefusedError``."""
    sealed = _bytes(cursor)
    tag, data = sealed[:_TAG_BYTES], _mixed(sealed[_TAG_BYTES:], sealed[:_TAG_BYTES], secret)
    if not hmac.compare_digest(tag, _tag(data, of, secret)):
        raise CursorRefusedError(
            "cursor must be one that this very search returned, unchanged; start again without it"
        )
    return data.decode()


def _bytes(cursor: str) -> bytes:
    """Nothing, which is no cursor, where it is not base64 just as we write it."""
    try:
        sealed = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
    except ValueError:
        return b""
    return sealed if _text(sealed) == cursor else b""


def _text(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _tag(data: bytes, of: str, secret: bytes) -> bytes:
    bound = of.encode(errors="backslashreplace")
    text = b"sign" + len(bound).to_bytes(8) + bound + data
    return hmac.digest(secret, text, sha256)[:_TAG_BYTES]


def _mixed(data: bytes, tag: bytes, secret: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(data, _keystream(tag, secret), strict=False))


def _keystream(tag: bytes, secret: bytes) -> Iterator[int]:
    for block in count():
        yield from hmac.digest(secret, b"seal" + block.to_bytes(8) + tag, sha256)
