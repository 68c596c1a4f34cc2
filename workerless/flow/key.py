"""What a limit counts jobs by: a payload field, the tenant, or what a function makes of a payload.

Pure. Stores keep a digest of the value (``search_key.key_digest``), never the value itself.
"""

from collections.abc import Callable
from typing import Any

from workerless.payload import Payload

type Key = str | Callable[[Any], str | None]
"""A payload field by its name in Python, ``"tenant"``, or a function from payload to text."""

TENANT = "tenant"


def keys_allowed(key: Key, payload: type[Payload]) -> str | None:
    """What a key of this payload may be, if ``key`` cannot be one; None when it can."""
    if callable(key) or key == TENANT or key in payload.model_fields:
        return None
    names = ", ".join(payload.model_fields) or "none"
    return f"'tenant', a function from payload to text, or a payload field ({names})"


def key_of(key: Key | None, payload: Payload, tenant: str | None) -> str | None:
    """The job's value of ``key``: None for a job that has none, empty where there is no key.

    ``"tenant"`` is the job's tenant, also where the payload has a field of that name. Raises what
    a function raises, and ``TypeError`` if that returns no text.
    """
    if key is None:
        return ""
    if key == TENANT:
        return tenant or None
    value = getattr(payload, key) if isinstance(key, str) else key(payload)
    if value is None:
        return None
    if not isinstance(key, str) and not isinstance(value, str):
        raise TypeError(f"a key must be text or None, got {type(value).__name__} from {key!r}")
    return str(value)
