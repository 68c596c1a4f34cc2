"""What operators ask of a queue, and no worker."""

from typing import TYPE_CHECKING

from workerless.aws.fault import NO_ANSWER, code_of
from workerless.aws.sqs import SqsQueue
from workerless.errors import QueueUnavailableError
from workerless.operator_ports import Depth

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

_DEPTH: tuple["QueueAttributeNameType", ...] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class SqsOperatorQueue(SqsQueue):
    """All queues of an account, to be looked at and emptied."""

    def depth(self, address: str) -> Depth:
        try:
            told = self._client.get_queue_attributes(QueueUrl=address, AttributeNames=_DEPTH)
            waiting, in_flight, delayed = (int(told["Attributes"][name]) for name in _DEPTH)
        except (*NO_ANSWER, KeyError) as error:
            raise QueueUnavailableError(
                f"queue {address} did not say how many messages it has: {code_of(error)}"
            ) from error
        return Depth(waiting=waiting, in_flight=in_flight, delayed=delayed)

    def purge(self, address: str) -> None:
        try:
            self._client.purge_queue(QueueUrl=address)
        except NO_ANSWER as error:
            raise QueueUnavailableError(
                f"queue {address} was not purged: {code_of(error)}"
            ) from error
