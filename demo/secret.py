"""The secret that webhooks are signed with: sender and receiver both know it."""

import boto3

from workerless.local.seed import WEBHOOK_SECRET


def webhook_secret() -> str:
    """The one that the local cloud made for itself when it was started."""
    answer = boto3.client("ssm").get_parameter(Name=WEBHOOK_SECRET, WithDecryption=True)
    return answer["Parameter"]["Value"]
