"""Secrets by name: SecureStrings of SSM and secrets of Secrets Manager, kept for five minutes."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from workerless.aws.fault import NO_ANSWER, code_of
from workerless.errors import WorkerlessError
from workerless.ports import Clock

if TYPE_CHECKING:
    from workerless.aws.session import AwsClients

# So long does a replaced one still count.
_KEPT = timedelta(minutes=5)


class Secrets:
    """Reads each when it is first asked for, and again when five minutes have passed."""

    def __init__(self, clients: "AwsClients", clock: Clock) -> None:
        self._clients = clients
        self._clock = clock
        self._known: dict[str, tuple[str, datetime]] = {}

    def get(self, name: str) -> str:
        """``name`` is an SSM parameter's (``/path/name``) or the ARN of a secret.

        Raises ``WorkerlessError``, which says nothing of what is in it.
        """
        now = self._clock.now()
        value, read_at = self._known.get(name, ("", now - _KEPT))
        if now - read_at >= _KEPT:
            value, read_at = self._read(name), now
            self._known[name] = value, read_at
        return value

    def _read(self, name: str) -> str:
        try:
            if name.startswith("/"):
                found = self._clients.ssm.get_parameter(Name=name, WithDecryption=True)
                return found["Parameter"]["Value"]
            return self._clients.secrets.get_secret_value(SecretId=name)["SecretString"]
        except (*NO_ANSWER, KeyError) as error:
            raise WorkerlessError(
                f"the secret {name} could not be read: {code_of(error)}; create it, or let the "
                "function's role read it"
            ) from error
