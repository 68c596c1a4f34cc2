"""What a stage ``test`` has published, on moto."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import boto3
import pytest
from moto import mock_aws

from workerless import naming


class Deployment:
    """Functions and addresses, by name."""

    def __init__(self, stack: ExitStack) -> None:
        iam = stack.enter_context(closing(boto3.client("iam")))
        self._functions = stack.enter_context(closing(boto3.client("lambda")))
        self._ssm = stack.enter_context(closing(boto3.client("ssm")))
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
        self._role = role["Role"]["Arn"]

    def function(self, name: str, environment: Mapping[str, str]) -> None:
        with BytesIO() as file:
            ZipFile(file, "w").close()
            code = file.getvalue()
        self._functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=self._role,
            Handler="h.h",
            Code={"ZipFile": code},
            Environment={"Variables": dict(environment)},
            Publish=True,
        )
        self._functions.create_alias(FunctionName=name, Name=naming.LIVE, FunctionVersion="1")

    def change(self, name: str, environment: Mapping[str, str]) -> None:
        """As a release does that went back: what is live stays what it was."""
        self._functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": dict(environment)}
        )

    def publish(self, job_type: str, **told: Any) -> None:
        queue = f"https://q/{job_type}"
        value = {"queue": queue, "dead_letters": f"{queue}-dead", **told}
        name = naming.job_type_parameter("test", job_type)
        self._ssm.put_parameter(Name=name, Type="String", Value=json.dumps(value))


@contextmanager
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws(), ExitStack() as stack:
        yield Deployment(stack)
