"""Gives a fresh local cloud what an account has beyond the stacks: secrets and verified senders."""

import base64
import secrets

from workerless.local import wire
from workerless.local.deploy import STAGE

WEBHOOK_SECRET = f"/workerless/{STAGE}/webhook-secret"
SENDER_DOMAIN = "example.com"


def seed(port: int) -> None:
    """Once, when the emulator is new: its secret lives as long as it does."""
    secret = {"Name": WEBHOOK_SECRET, "Type": "SecureString", "Value": _secret()}
    wire.call(port, "ssm", "PutParameter", secret)
    # The emulator takes every identity as verified.
    wire.rest(port, "ses", "POST", "/v2/email/identities", {"EmailIdentity": SENDER_DOMAIN})


def _secret() -> str:
    """What ``deliver_webhook`` signs with, in the form of the Standard Webhooks specification."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
