"""The publisher: a function that reads the table's stream and tells an event bus what jobs do."""

import json
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_dynamodb import TableV2
from aws_cdk.aws_lambda import CfnEventSourceMapping, ILayerVersion
from aws_cdk.aws_sqs import Queue, QueueEncryption
from constructs import Construct

from infra.alarms import system_rows
from infra.alarms.system_alarms import SystemAlarms, of_function, of_queue
from infra.artifact import Artifact
from infra.constructs.system_function import SystemFunction
from infra.retention import removal_policy
from infra.settings import LifecycleEvents, Stage
from workerless import limits, naming
from workerless.environment import EVENT_BUS, JOB_CHANGES
from workerless.lifecycle_event import STATES
from workerless.states import State

_MINUTE = Duration.minutes(1)
# A stream keeps its records for a day.
_LONGEST = Duration.hours(20)


class Publisher(SystemFunction):
    """It gets only what may be worth telling; the rest costs nothing.

    What could not be told for most of a day is left out, and noted in ``unpublished``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        told: LifecycleEvents,
        table: TableV2,
        layer: ILayerVersion,
        code: Artifact,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stage=stage,
            name=naming.publisher(stage.name),
            title="Publisher",
            folder="publisher",
            description="Tells an event bus what jobs do",
            layer=layer,
            code=code,
            timeout=_MINUTE,
            variables={
                EVENT_BUS: told.bus,
                JOB_CHANGES: ",".join(one.value for one in told.changes),
            },
        )
        stack = Stack.of(self)
        self.unpublished = Queue(
            self,
            "Unpublished",
            queue_name=naming.unpublished_queue(stage.name),
            retention_period=Duration.days(limits.DEAD_LETTER_RETENTION.days),
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            removal_policy=removal_policy(stage),
        )
        stream = table.table_stream_arn or ""
        self.allow(
            "Stream",
            ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
            stream,
        )
        self.allow("Streams", ("dynamodb:ListStreams",), "*")
        self.allow("Unpublished", ("sqs:SendMessage",), self.unpublished.queue_arn)
        bus = stack.format_arn(service="events", resource="event-bus", resource_name=told.bus)
        self.allow("Bus", ("events:PutEvents",), bus)
        self.mapping = CfnEventSourceMapping(
            self,
            "Mapping",
            function_name=self.live.function_arn,
            event_source_arn=stream,
            starting_position="LATEST",
            batch_size=100,
            filter_criteria=CfnEventSourceMapping.FilterCriteriaProperty(
                filters=[
                    CfnEventSourceMapping.FilterProperty(pattern=one) for one in _patterns(told)
                ]
            ),
            function_response_types=["ReportBatchItemFailures"],
            maximum_record_age_in_seconds=_LONGEST.to_seconds(),
            destination_config=CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=CfnEventSourceMapping.OnFailureProperty(
                    destination=self.unpublished.queue_arn
                )
            ),
        )
        self.mapping.node.add_dependency(self.role)
        SystemAlarms(
            self,
            "EventAlarms",
            stage=stage,
            prefix=self._name,
            title="Events of jobs",
            rows=[
                system_rows.events_late("publisher"),
                system_rows.events_left_out("unpublished"),
            ],
            places={
                "publisher": of_function(self.function),
                "unpublished": of_queue(self.unpublished),
            },
        )


def _patterns(told: LifecycleEvents) -> list[str]:
    """Records in a state that one of the changes leads to, of the job types asked for.

    Of running jobs, which change with each claim, only those of which an attempt has died.
    """
    states = {state.value for one in told.changes for state in STATES[one]}
    wanted: list[dict[str, Any]] = []
    if State.PROCESSING in states:
        died = {"N": [{"exists": True}]}
        wanted.append({"state": {"S": [State.PROCESSING.value]}, "stalled_at": died})
    if at_rest := sorted(states - {State.PROCESSING}):
        wanted.insert(0, {"state": {"S": at_rest}})
    of = {"job_type": {"S": sorted(told.job_types)}} if told.job_types else {}
    keys = {"sk": {"S": ["RECORD"]}}
    return [json.dumps({"dynamodb": {"Keys": keys, "NewImage": {**one, **of}}}) for one in wanted]
