"""A message of an SNS topic as SQS has it: the body that the topic was told lies in an envelope.

https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html
"""

import re
from collections.abc import Mapping
from typing import Any

_MESSAGE_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


def published(event: Mapping[str, Any], job_type: str) -> tuple[str, str] | None:
    """What was published, and the id of a job made of it; None when ``event`` is no such envelope.

    SNS may deliver a message twice, as two of SQS: they have one id of SNS.
    """
    body, message_id = event.get("Message"), event.get("MessageId")
    is_told = event.get("Type") == "Notification" and isinstance(body, str)
    if not is_told or not isinstance(message_id, str) or not _MESSAGE_ID.fullmatch(message_id):
        return None
    return str(body), f"{job_type}--sns:{message_id}"
