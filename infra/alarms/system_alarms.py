"""The alarms of what serves a stage, and of no job type."""

from collections.abc import Iterable, Mapping

from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_sqs import IQueue
from constructs import Construct

from infra.alarms.alarm import Watched, add_alarm, stage_topic
from infra.alarms.row import Place, Row
from infra.settings import Stage

OWNER = "who operates the stage"


class SystemAlarms(Construct):
    """All speak to the stage's topic. ``prefix`` begins their names."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        prefix: str,
        title: str,
        rows: Iterable[Row],
        places: Mapping[str, Place],
    ) -> None:
        super().__init__(scope, construct_id)
        watched = Watched(prefix=prefix, title=title, owner=OWNER, places=places)
        topic = stage_topic(self, stage)
        for row in rows:
            add_alarm(self, row, watched=watched, stage=stage, tells=topic)


def of_queue(queue: IQueue) -> Place:
    """Where SQS counts of a queue."""
    return Place(namespace="AWS/SQS", dimensions={"QueueName": queue.queue_name})


def of_function(function: IFunction) -> Place:
    """Where Lambda counts of a function."""
    return Place(namespace="AWS/Lambda", dimensions={"FunctionName": function.function_name})
