"""Calls to the emulator's own address, in AWS's JSON protocols and without an SDK.

Whatever credentials or endpoints are configured, these calls can reach nothing but 127.0.0.1.
"""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from workerless.local.credentials import REGION
from workerless.local.errors import LocalCloudError, NotRunningError

_TIMEOUT_SECONDS = 10
_TARGETS = {
    "ssm": ("AmazonSSM", "application/x-amz-json-1.1"),
    "logs": ("Logs_20140328", "application/x-amz-json-1.1"),
    "sqs": ("AmazonSQS", "application/x-amz-json-1.0"),
}


class CallRefusedError(LocalCloudError):
    """The emulator answered with an error; ``code`` is AWS's name for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


def call(port: int, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """One operation of ssm, logs or sqs. Raises ``CallRefusedError`` or ``NotRunningError``."""
    prefix, content_type = _TARGETS[service]
    headers = {"X-Amz-Target": f"{prefix}.{operation}", "Content-Type": content_type}
    return _request(port, service, "POST", "/", headers=headers, body=json.dumps(parameters))


def rest(
    port: int, service: str, method: str, path: str, parameters: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """One REST operation (lambda, ses). Raises as ``call`` does."""
    body = None if parameters is None else json.dumps(parameters)
    return _request(port, service, method, path, headers={}, body=body)


def get(port: int, path: str, **query: str) -> dict[str, Any]:
    """One of the emulator's own pages."""
    target = f"{path}?{urlencode(query)}" if query else path
    return _request(port, "ministack", "GET", target, headers={}, body=None)


def _request(
    port: int, service: str, method: str, path: str, *, headers: Mapping[str, str], body: str | None
) -> dict[str, Any]:
    scope = f"test/20260101/{REGION}/{service}/aws4_request"
    signed = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        **headers,
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request(method, path, body=body, headers=signed)
        response = connection.getresponse()
        status, text = response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise NotRunningError(
            f"no local cloud answers on port {port} ({error}); run `workerless local up`"
        ) from error
    finally:
        connection.close()
    return _answer(status, text)


def _answer(status: int, text: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(text or b"{}")
    except ValueError:
        answer = {"message": text[:200].decode(errors="replace")}
    if status < http.client.BAD_REQUEST and isinstance(answer, dict):
        return answer
    fields = answer if isinstance(answer, dict) else {}
    code = str(fields.get("__type") or fields.get("code") or status).rpartition("#")[2]
    raise CallRefusedError(code, str(fields.get("message") or fields.get("Message") or ""))
