"""Signs a webhook, so that its receiver can tell who sent it and that it is fresh.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import binascii
import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from workerless import WorkerlessError

_PREFIX = "whsec_"
_MIN_BYTES, _MAX_BYTES = 24, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """The key that signs; not shown by ``repr``."""

    key: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Secret":
        """Reads ``whsec_<base64>``. Raises ``WorkerlessError``, which does not quote ``text``."""
        try:
            key = b64decode(text.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError) as error:
            raise WorkerlessError(_ADVICE.format(got="what is not base64")) from error
        if not text.startswith(_PREFIX):
            raise WorkerlessError(_ADVICE.format(got=f"one without {_PREFIX}"))
        if not _MIN_BYTES <= len(key) <= _MAX_BYTES:
            raise WorkerlessError(_ADVICE.format(got=f"one of {len(key)} bytes"))
        return cls(key=key)


_ADVICE = (
    f"the webhook secret must be {_PREFIX} and {_MIN_BYTES} to {_MAX_BYTES} random bytes in "
    "base64, got {got}"
)


def sign(secret: Secret, *, delivery_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a delivery: id, time and HMAC-SHA256 of both with the body."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((delivery_id.encode(), timestamp.encode(), body))
    signature = b64encode(hmac.digest(secret.key, signed, sha256)).decode()
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
