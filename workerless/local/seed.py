"""Gives a fresh local cloud what an account has beyond the stacks: secrets and verified senders."""

import secrets

from workerless.local import wire
from workerless.local.deploy import STAGE

WEBHOOK_SECRET = f"/workerless/{STAGE}/webhook-secret"
SENDER_DOMAIN = "example.com"


def seed(port: int) -> None:
    """Safe to repeat: a secret that is there stays."""
    try:
        wire.call(
            port,
            "ssm",
            "PutParameter",
            {"Name": WEBHOOK_SECRET, "Type": "SecureString", "Value": secrets.token_hex(32)},
        )
    except wire.CallRefusedError as refused:
        if refused.code != "ParameterAlreadyExists":
            raise
    # The emulator takes every identity as verified.
    wire.rest(port, "ses", "POST", "/v2/email/identities", {"EmailIdentity": SENDER_DOMAIN})
