"""How a receiver tells that a webhook is genuine, as Standard Webhooks says.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping

_FRESH_SECONDS = 300


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether whoever knows ``secret`` signed this ``body``, less than five minutes from ``now``.

    ``secret`` is ``whsec_<base64>``. Headers that are missing raise ``KeyError``.
    """
    delivery_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(now - int(timestamp)) > _FRESH_SECONDS:
        return False  # somebody recorded it and plays it again
    key = b64decode(secret.removeprefix("whsec_"))
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    expected = "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
    return any(
        hmac.compare_digest(expected, given) for given in headers["webhook-signature"].split()
    )
