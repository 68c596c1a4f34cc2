"""Everything that can come back from AWS instead of an answer.

A response cut or garbled on its way is none of botocore's own exceptions: it shows as undecodable
text, as a value of another type or as a key that is not there.
"""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

NO_ANSWER = (
    BotoCoreError,
    ClientError,
    ResponseParserError,
    ValueError,  # UnicodeDecodeError, binascii.Error, a number that is none
    LookupError,
    TypeError,
    AttributeError,
)


def code_of(error: BaseException) -> str:
    """The service's own code for a refusal, else the name of what went wrong."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__


def reasons_of(refusal: ClientError) -> set[str]:
    """Why a transaction was cancelled: the codes of its items, or that it does not tell."""
    reasons: Any = refusal.response.get("CancellationReasons") or [{"Code": "Untold"}]
    return {str(reason.get("Code", "None")) for reason in reasons}
