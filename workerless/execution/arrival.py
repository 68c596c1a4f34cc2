"""A message as Lambda hands it over, read once. What cannot be read still has a job id: its own."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from workerless.frozen import frozen
from workerless.message import MalformedMessage, Message, read

# The attribute in which a message says how often the sweeper has sent it back.
RETURNED = "returned"
# The attribute, and its value, in which a dead letter says that no record knows of its job.
RECORD, NO_RECORD = "record", "none"


@frozen
class Arrival:
    """One delivery of one message. ``problem`` says why the body is none of this queue's.

    ``returned`` is the sweeper's attribute of that name, as it came. ``tells_more`` says that
    ``message`` has a trace which ``body`` does not tell.
    """

    message_id: str
    receipt: str
    body: str
    message: Message
    receive_count: int
    sent_at: datetime
    group: str | None
    problem: MalformedMessage | None = None
    returned: str | None = None
    tells_more: bool = False

    @property
    def lasting_body(self) -> str:
        """As its record shall have it: with what no other message will bring."""
        return self.fresh_body() if self.tells_more else self.body

    def fresh_body(self, *, generation: int | None = None, attempts: int | None = None) -> str:
        """The same job as a message to send again: an event, so that it keeps its id.

        What is not said anew stays as it was. What could not be read is sent again as it came.
        """
        if self.problem is not None:
            return self.body
        message = self.message
        return replace(
            message,
            generation=generation or message.generation,
            attempts=attempts or message.attempts,
        ).body()


def arrive(
    record: Mapping[str, Any], job_type: str, bucket: str, lane: str | None = None
) -> Arrival:
    """The delivery in one entry of a Lambda SQS event. ``bucket`` is where claim checks may lead.

    ``lane`` is that of the queue it is from, which counts whatever the message says.
    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    attributes = record.get("attributes", {})
    arrived = arrival_of(
        message_id=record["messageId"],
        receipt=record["receiptHandle"],
        body=record["body"],
        receive_count=int(attributes.get("ApproximateReceiveCount", "1")),
        sent_at=datetime.fromtimestamp(int(attributes.get("SentTimestamp", "0")) / 1000, tz=UTC),
        group=attributes.get("MessageGroupId"),
        job_type=job_type,
        bucket=bucket,
        returned=record.get("messageAttributes", {}).get(RETURNED, {}).get("stringValue"),
        lane=lane,
    )
    if arrived.message.traceparent is not None or "AWSTraceHeader" in attributes:
        return _traced(arrived, attributes.get("AWSTraceHeader", ""))
    return arrived


def _traced(arrived: Arrival, header: str) -> Arrival:
    """Of a producer that tells its trace to AWS only: the job goes on in that.

    What is no trace context is none: all jobs whose producers do not trace would seem to be one's.
    """
    from workerless.trace_context import from_xray, is_w3c  # noqa: PLC0415 -- few are traced

    told = arrived.message.traceparent
    if told is not None and is_w3c(told):
        return arrived
    trace = from_xray(header)
    message = replace(arrived.message, traceparent=trace)
    return replace(arrived, message=message, tells_more=trace is not None)


def arrival_of(
    *,
    message_id: str,
    receipt: str,
    body: str,
    receive_count: int,
    sent_at: datetime,
    group: str | None,
    job_type: str,
    bucket: str,
    returned: str | None,
    lane: str | None = None,
) -> Arrival:
    """The delivery of a message of the queue of ``job_type``, its body read.

    ``bucket`` is where claim checks may lead, ``lane`` that of the queue, where it is known.
    """
    problem = None
    try:
        message = read(body, job_type=job_type, message_id=message_id, bucket=bucket)
    except MalformedMessage as error:
        # Its own message id, never the id it claims: that may be another queue's job.
        problem = error
        message = Message(job_id=message_id, job_type=job_type, data={}, source="malformed")
    if lane is not None:
        message = replace(message, lane=lane)
    return Arrival(
        message_id=message_id,
        receipt=receipt,
        body=body,
        message=message,
        receive_count=receive_count,
        sent_at=sent_at,
        group=group,
        problem=problem,
        returned=returned,
    )
