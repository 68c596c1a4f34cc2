"""The AWS clients of one process, each made when it is first asked for.

Region, credentials and endpoint come from the environment, as botocore reads it.
"""

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workerless.spread import AT_ONCE

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 5
POLL_READ_TIMEOUT_SECONDS = 20
TOTAL_ATTEMPTS = 5
# A payload is fetched in the few seconds that an invocation has beside its jobs.
FILE_CONNECT_TIMEOUT_SECONDS = 1
FILE_READ_TIMEOUT_SECONDS = 3
FILE_ATTEMPTS = 3


class AwsClients:
    """Clients that give up in seconds: botocore would wait a minute, longer than a job may have."""

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        from workerless.aws.wire import speak_plainly  # noqa: PLC0415 -- as below

        client: DynamoDBClient = self._client("dynamodb")
        speak_plainly(client.meta.events)
        return client

    @cached_property
    def sqs(self) -> "SQSClient":
        client: SQSClient = self._client("sqs")
        return client

    @cached_property
    def patient_sqs(self) -> "SQSClient":
        """For long polls, which are silent for longer than a call of ours may be."""
        from botocore.config import Config  # noqa: PLC0415 -- as below

        client: SQSClient = self._client(
            "sqs",
            Config(
                connect_timeout=CONNECT_TIMEOUT_SECONDS,
                read_timeout=POLL_READ_TIMEOUT_SECONDS,
                # A second try may meet messages that the first one has hidden.
                retries={"mode": "standard", "total_max_attempts": 1},
            ),
        )
        return client

    @cached_property
    def ssm(self) -> "SSMClient":
        client: SSMClient = self._client("ssm")
        return client

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        client: SecretsManagerClient = self._client("secretsmanager")
        return client

    @cached_property
    def s3(self) -> "S3Client":
        from botocore.config import Config  # noqa: PLC0415 -- as below

        config = Config(
            connect_timeout=FILE_CONNECT_TIMEOUT_SECONDS,
            read_timeout=FILE_READ_TIMEOUT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": FILE_ATTEMPTS},
        )
        client: S3Client = self._client("s3", config)
        return client

    @cached_property
    def functions(self) -> "LambdaClient":
        client: LambdaClient = self._client("lambda")
        return client

    @cached_property
    def sts(self) -> Any:
        return self._client("sts")

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        client: CloudWatchLogsClient = self._client("logs")
        return client

    @cached_property
    def scheduler(self) -> "EventBridgeSchedulerClient":
        client: EventBridgeSchedulerClient = self._client("scheduler")
        return client

    @cached_property
    def events(self) -> "EventBridgeClient":
        client: EventBridgeClient = self._client("events")
        return client

    @cached_property
    def sns(self) -> "SNSClient":
        client: SNSClient = self._client("sns")
        return client

    @cached_property
    def cloudwatch(self) -> Any:
        return self._client("cloudwatch")

    @cached_property
    def codedeploy(self) -> Any:
        return self._client("codedeploy")

    def _client(self, service: str, config: "Config | None" = None) -> Any:
        # As an environment variable botocore knows only AWS_DEFAULT_REGION, unlike other SDKs.
        region = os.environ.get("AWS_REGION") or None
        return self._session.create_client(
            service, region_name=region, config=config or self._config
        )

    @cached_property
    def _session(self) -> "Session":
        # boto3 would add resources and S3 transfers that nobody uses here, for another 40 ms.
        from botocore.session import Session  # noqa: PLC0415 -- 60 ms; only who talks to AWS pays

        from workerless.aws.models import FolderLoader  # noqa: PLC0415 -- botocore again

        session = Session()
        session.register_component("data_loader", FolderLoader())
        return session

    @cached_property
    def _config(self) -> "Config":
        from botocore.config import Config  # noqa: PLC0415 -- loaded with the session, for the same 60 ms

        return Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": TOTAL_ATTEMPTS},
            max_pool_connections=AT_ONCE,
            # A seventh of a call, for finding our own mistakes: the tests pay it, on other clients.
            parameter_validation=False,
            # Else it is put together anew for each call, twice: a quarter of it.
            user_agent=self._session.user_agent(),
        )
