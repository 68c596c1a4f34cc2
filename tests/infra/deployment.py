"""The part of a synthesised stage that a function meets when it runs, made real in moto."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import boto3
from PIL import Image

from tests.infra.cloud import FUNCTION, QUEUE, TABLES, Cloud, text
from tests.infra.endpoint import REGION

ACCOUNT = "123456789012"
_TABLE_FIELDS = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")


def deploy(cloud: Cloud) -> None:
    """Makes the table, the queues and what the job types of this checkout find on AWS."""
    dynamodb, sqs = boto3.client("dynamodb", REGION), boto3.client("sqs", REGION)
    for _, _, table in cloud.each(*TABLES):
        fields = {field: table[field] for field in _TABLE_FIELDS}
        dynamodb.create_table(TableName=table["TableName"], **fields)
    for _, _, queue in cloud.each(QUEUE):
        sqs.create_queue(QueueName=queue["QueueName"])
    boto3.client("sesv2", REGION).create_email_identity(EmailIdentity="jobs@example.com")
    boto3.client("ssm", REGION).put_parameter(
        Name=f"/workerless/{cloud.stage.name}/webhook-secret",
        Type="SecureString",
        Value="whsec_bm90IGEgc2VjcmV0LCBvbmx5IGEgdGVzdCBvZiBvbmU=",
    )
    bucket = f"workerless-{cloud.stage.name}-{cloud.stage.account}-{REGION}"
    s3 = boto3.client("s3", REGION)
    s3.create_bucket(Bucket=bucket)
    photograph = BytesIO()
    Image.new("RGB", (1_600, 1_200), "navy").save(photograph, "JPEG")
    s3.put_object(Bucket=bucket, Key="images/originals/harbour.jpg", Body=photograph.getvalue())


def environment(cloud: Cloud, name: str, endpoint: str) -> dict[str, str]:
    """What Lambda would show the function ``name``: its template's variables, and where AWS is."""
    for template, _, function in cloud.each(FUNCTION):
        if function["FunctionName"] == name:
            urls = {
                f"<{logical_id}>": f"{endpoint}/{ACCOUNT}/{queue['QueueName']}"
                for logical_id, queue in template.of(QUEUE)
            }
            variables: Mapping[str, Any] = function["Environment"]["Variables"]
            return {
                **{key: urls.get(text(value), text(value)) for key, value in variables.items()},
                "AWS_LAMBDA_FUNCTION_NAME": name,
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
            }
    raise AssertionError(f"no function {name}")


def states(cloud: Cloud) -> dict[str, str]:
    """The state of each job with a record."""
    answer = boto3.client("dynamodb", REGION).scan(TableName=f"workerless-{cloud.stage.name}")
    return {
        item["pk"]["S"].removeprefix("JOB#"): item["state"]["S"]
        for item in answer["Items"]
        if item["sk"]["S"] == "RECORD"
    }
