"""The same with Powertools' idempotency, each message's id its key, in DynamoDB."""

from collections.abc import Callable
from typing import cast

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from benchmarks.batch import Context
from benchmarks.case import powertools_batch


def prepare() -> Callable[[], None]:
    store = DynamoDBPersistenceLayer(table_name="idempotency")
    config = IdempotencyConfig(event_key_jmespath="messageId")
    config.register_lambda_context(cast("LambdaContext", Context()))

    @idempotent_function(data_keyword_argument="record", persistence_store=store, config=config)
    def once(record: SQSRecord) -> None:
        powertools_batch.work(record)

    return powertools_batch.prepared(lambda record: once(record=record))
