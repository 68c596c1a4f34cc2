"""Requests to the deployed HTTP API, as a program without our client sends them."""

import json
import os
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

type Ask = Callable[..., tuple[int, Any]]


def asker() -> Ask:
    """Sends a request to the address that the stage published, signed unless told otherwise."""
    parameter = boto3.client("ssm").get_parameter(Name="/workerless/local/api")
    address = urlsplit(json.loads(parameter["Parameter"]["Value"])["endpoint"])
    local = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    assert local.hostname

    def send(
        method: str,
        path: str,
        body: object = None,
        *,
        signed: bool = True,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body)
        request = AWSRequest(
            method,
            f"http://{address.netloc}{path}",
            headers={"Content-Type": "application/json", **(headers or {})},
            data=data,
        )
        if signed:
            credentials = Credentials("test", "test")
            SigV4Auth(credentials, "execute-api", os.environ["AWS_REGION"]).add_auth(request)
        prepared = request.prepare()
        # The emulator finds the API by the name that the request is for.
        told = {**dict(prepared.headers), "Host": address.netloc}
        connection = HTTPConnection(str(local.hostname), local.port, timeout=60)
        # Its path begins with the stage, which AWS leaves out where it is $default.
        connection.request(method, f"/$default{path}", body=data, headers=told)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(text) if is_json else text

    return send
