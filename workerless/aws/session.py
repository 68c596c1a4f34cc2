"""The AWS clients of one process, each made when it is first asked for.

Region, credentials and endpoint come from the environment, as boto3 reads it.
"""

import os
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 5
TOTAL_ATTEMPTS = 5
# A payload is fetched in the few seconds that an invocation has beside its jobs.
FILE_CONNECT_TIMEOUT_SECONDS = 1
FILE_READ_TIMEOUT_SECONDS = 3
FILE_ATTEMPTS = 3


class AwsClients:
    """Clients that give up in seconds: boto3 would wait a minute, longer than a job may have."""

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return self._session.client("dynamodb", config=self._config)

    @cached_property
    def sqs(self) -> "SQSClient":
        return self._session.client("sqs", config=self._config)

    @cached_property
    def ssm(self) -> "SSMClient":
        return self._session.client("ssm", config=self._config)

    @cached_property
    def s3(self) -> "S3Client":
        from botocore.config import Config  # noqa: PLC0415 -- as below

        config = Config(
            connect_timeout=FILE_CONNECT_TIMEOUT_SECONDS,
            read_timeout=FILE_READ_TIMEOUT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": FILE_ATTEMPTS},
        )
        return self._session.client("s3", config=config)

    @cached_property
    def _session(self) -> "Session":
        import boto3  # noqa: PLC0415 -- 100 ms; only who talks to AWS pays

        # boto3 itself knows only AWS_DEFAULT_REGION, unlike every other SDK and the command line.
        return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)

    @cached_property
    def _config(self) -> "Config":
        from botocore.config import Config  # noqa: PLC0415 -- loaded with boto3, for the same 100 ms

        return Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": TOTAL_ATTEMPTS},
        )
