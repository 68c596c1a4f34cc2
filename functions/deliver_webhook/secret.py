"""The signing secret: a SecureString in SSM, read when first needed and kept for five minutes.

Powertools' parameters utility would do it too, for 50 to 130 ms more of cold start (imported after
boto3, Python 3.13, one core of a shared machine, 2026-11).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from functions.deliver_webhook.signature import Secret
from workerless import WorkerlessError

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

VARIABLE = "WEBHOOK_SECRET_PARAMETER"
_KEPT = timedelta(minutes=5)


@dataclass(slots=True, kw_only=True)
class SecretCache:
    """The last secret read, and since when; ``read`` is how to get the current one."""

    read: Callable[[], Secret]
    _secret: Secret | None = field(default=None, init=False)
    _read_at: datetime | None = field(default=None, init=False)

    def get(self, now: datetime) -> Secret:
        """The secret, at most five minutes old: so long does a replaced one still sign."""
        if self._secret is None or self._read_at is None or now - self._read_at >= _KEPT:
            self._secret, self._read_at = self.read(), now
        return self._secret


def read_secret(ssm: "SSMClient", variables: Mapping[str, str]) -> Secret:
    """Raises ``WorkerlessError`` when the parameter is not there or holds no secret."""
    name = variables.get(VARIABLE, "")
    if not name:
        raise WorkerlessError(
            f"{VARIABLE} must name an SSM parameter; the job type's stack sets it"
        )
    try:
        answer = ssm.get_parameter(Name=name, WithDecryption=True)
    except ssm.exceptions.ParameterNotFound as error:
        raise WorkerlessError(
            f"the SSM parameter {name} must hold the webhook secret, got none; create it with "
            f"aws ssm put-parameter --type SecureString --name {name} --value whsec_..."
        ) from error
    return Secret.parse(answer["Parameter"]["Value"])
