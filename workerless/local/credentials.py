"""Keeps real AWS credentials and the local cloud apart: refuse to start beside them, never pass on.

An emulator needs no secret, and a command that means to talk to it must not be able to reach AWS.
"""

import os
import re
from collections.abc import Mapping

from workerless.local.errors import RealCredentialsError

REGION = "us-east-1"
ACCOUNT = "000000000000"

# Key ids of AWS start with four letters that tell their kind, AKIA or ASIA for those one can use.
_KEY_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
_SOURCES = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


_LOOPBACK = "127.0.0.1,localhost"


def refuse_real(environ: Mapping[str, str]) -> None:
    """Raises ``RealCredentialsError`` naming the variables and how to leave them out."""
    found = [name for name in _SOURCES if environ.get(name)]
    if _KEY_ID.fullmatch(environ.get("AWS_ACCESS_KEY_ID", "")):
        found.insert(0, "AWS_ACCESS_KEY_ID")
    if found:
        without = " ".join(f"-u {name}" for name in found)
        raise RealCredentialsError(
            f"{', '.join(found)} must not be set, it looks like real AWS credentials, which the "
            f"local cloud never runs beside; run `env {without} workerless local up`"
        )


def without_aws(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` without any setting of an AWS SDK, endpoints of single services included."""
    return {name: value for name, value in environ.items() if not name.startswith("AWS_")}


def dummy(endpoint: str) -> dict[str, str]:
    """What an AWS SDK needs to talk to ``endpoint`` and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # A proxy would be asked for this machine's own loopback.
        "NO_PROXY": _LOOPBACK,
        "no_proxy": _LOOPBACK,
    }
