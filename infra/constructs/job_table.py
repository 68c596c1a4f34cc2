"""The table of all job records."""

from aws_cdk.aws_dynamodb import (
    Attribute,
    AttributeType,
    GlobalSecondaryIndexPropsV2,
    PointInTimeRecoverySpecification,
    ProjectionType,
    StreamViewType,
    TableV2,
)
from constructs import Construct

from infra.retention import removal_policy
from infra.settings import Stage
from workerless import naming
from workerless.search import LISTED_ATTRIBUTES


class JobTable(Construct):
    """On-demand, recoverable to any second of the last 35 days. No decision is taken from an index.

    ``due`` finds records by the time they should have moved, ``by_state`` by job type and state;
    both are sharded, since a partition of an index takes 1,000 writes a second. It has a stream
    where somebody is told of changes.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.table = TableV2(
            self,
            "Table",
            table_name=naming.table(stage.name),
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            global_secondary_indexes=[_DUE, _BY_STATE],
            time_to_live_attribute="expires_at",
            point_in_time_recovery_specification=PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=stage.keeps_data,
            dynamo_stream=StreamViewType.NEW_AND_OLD_IMAGES if stage.lifecycle else None,
            removal_policy=removal_policy(stage),
        )


def _text(name: str) -> Attribute:
    return Attribute(name=name, type=AttributeType.STRING)


def _number(name: str) -> Attribute:
    return Attribute(name=name, type=AttributeType.NUMBER)


_DUE = GlobalSecondaryIndexPropsV2(
    index_name="due",
    partition_key=_number("due_shard"),
    sort_key=_number("due_at"),
    projection_type=ProjectionType.KEYS_ONLY,
)
_BY_STATE = GlobalSecondaryIndexPropsV2(
    index_name="by_state",
    # Composed texts: PartiQL refuses what has keys of several attributes.
    partition_key=_text("state_key"),
    sort_key=_text("state_at"),
    # Lists, groups and metrics read nothing else.
    projection_type=ProjectionType.INCLUDE,
    non_key_attributes=list(LISTED_ATTRIBUTES),
)
