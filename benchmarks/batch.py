"""The batch every case works on: ten jobs of one type, each a small payload."""

from typing import Any

TYPE = "greet"
URL = "https://sqs.us-east-1.amazonaws.com/000000000000/greet"
SIZE = 10
JOB_IDS = [f"0199f7a0-0000-7000-8000-{number:012}" for number in range(SIZE)]
LEASE_TOKEN = "0" * 32
NOW_MS = 1_795_324_800_000
PAYLOADS = [{"customer_id": f"c-{number}", "name": "Ada Lovelace"} for number in range(SIZE)]


def event(bodies: list[str]) -> dict[str, Any]:
    """What Lambda hands a function for these messages."""
    return {
        "Records": [
            {
                "messageId": job_id,
                "receiptHandle": f"receipt-{job_id}",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": str(NOW_MS),
                    "SenderId": "AIDA",
                    "ApproximateFirstReceiveTimestamp": str(NOW_MS),
                },
                "messageAttributes": {},
                "md5OfBody": "0" * 32,
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:greet",
                "awsRegion": "us-east-1",
            }
            for job_id, body in zip(JOB_IDS, bodies, strict=True)
        ]
    }


class Context:
    """Lambda's context object."""

    function_name = "greet"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:greet"
    aws_request_id = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 600_000
