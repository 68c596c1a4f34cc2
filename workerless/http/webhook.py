"""Signed webhooks: a POST that some service made becomes a job, if it is really that service's.

Nothing of a body is looked at before its signature was found right.
"""

import binascii
import hmac
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from workerless.client import Client
from workerless.errors import WorkerlessError
from workerless.http import problem
from workerless.http.problem import Problem
from workerless.http.request import body_of, header, json_text
from workerless.http.settings import Scheme, WebhookSource
from workerless.http.surface import WEBHOOKS
from workerless.job_type import JobType
from workerless.message import read_object
from workerless.misfit import checked, misfit
from workerless.payload import Payload
from workerless.ports import Clock

_MIN_KEY_BYTES = 24
_TOLERANCE = timedelta(minutes=5)
_SECONDS = re.compile(r"[0-9]{1,12}")
# Whatever is wrong with a signature: the one who guesses learns nothing from the answer.
_REFUSED = Problem(401, "unauthorized", "the request is not signed as it should be")


class Webhooks:
    """The declared sources. ``secret`` gives what one's secret is now, at most minutes old."""

    def __init__(
        self,
        sources: Mapping[str, WebhookSource],
        *,
        secret: Callable[[str], str],
        client: Client,
        job_types: Mapping[str, JobType[Any, Any]],
        clock: Clock,
    ) -> None:
        self._sources = sources
        self._secret = secret
        self._client = client
        self._job_types = job_types
        self._clock = clock

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The response to a request below ``WEBHOOKS``.

        Raises ``Problem``, as ``Client.enqueue`` does, and ``WorkerlessError`` for a secret that
        cannot be read, or is none.
        """
        name = event["rawPath"].removeprefix(WEBHOOKS)
        source = self._sources.get(name)
        if source is None or event["requestContext"]["http"]["method"] != "POST":
            raise problem.NOT_FOUND
        body = body_of(event)
        delivery = self._verified(source, event, body)
        job_type = self._job_types[source.job_type]
        job = self._client.enqueue(
            job_type,
            _payload(job_type, json_text(body, event)),
            idempotency_key=f"webhook\n{name}\n{delivery}",
            tenant=source.tenant,
        )
        told = {"jobId": job.id, "status": "queued", "duplicate": job.is_duplicate}
        return problem.response(202, told)

    def _verified(self, source: WebhookSource, event: Mapping[str, Any], body: bytes) -> str:
        """What tells this delivery from others: the same again is the same job."""
        secrets = self._secret(source.signing_key).split()
        if source.scheme is Scheme.GITHUB:
            return _github(header(event, "x-hub-signature-256"), body, secrets)
        delivery, at = header(event, "webhook-id"), header(event, "webhook-timestamp")
        signed = b".".join((delivery.encode(), at.encode(), body))
        signatures = [
            signature
            for version, _, signature in (
                one.partition(",") for one in header(event, "webhook-signature").split()
            )
            if version == "v1"
        ]
        right = any(
            hmac.compare_digest(_decoded(signature), hmac.digest(_key(secret), signed, sha256))
            for secret in secrets
            for signature in signatures
        )
        if not (right and delivery and self._is_fresh(at)):
            raise _REFUSED
        return delivery

    def _is_fresh(self, at: str) -> bool:
        now = self._clock.now().timestamp()
        is_instant = _SECONDS.fullmatch(at) is not None
        return is_instant and abs(now - int(at)) <= _TOLERANCE.total_seconds()


def _github(signature: str, body: bytes, secrets: list[str]) -> str:
    """GitHub signs nothing but the body, so nothing else may say which delivery this is."""
    for secret in secrets:
        wanted = f"sha256={hmac.digest(secret.encode(), body, sha256).hex()}"
        if hmac.compare_digest(wanted.encode(), signature.encode()):
            return sha256(body).hexdigest()
    raise _REFUSED


def _key(secret: str) -> bytes:
    """The bytes of ``whsec_<base64>``: with an empty key anybody could sign."""
    key = _decoded(secret.removeprefix("whsec_"))
    if len(key) < _MIN_KEY_BYTES:
        raise WorkerlessError(f"a webhook's secret must be whsec_ and {_MIN_KEY_BYTES} bytes")
    return key


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _payload(job_type: JobType[Any, Any], text: str) -> Payload:
    """Fields that the model does not know are left out: a service may say more from one day on."""
    try:
        model: Payload = checked(job_type.payload, read_object(text), extra="ignore")
    except ValidationError as error:
        found = misfit(error)
        raise Problem(400, "invalid_payload", found.message, field=found.field) from error
    return model
