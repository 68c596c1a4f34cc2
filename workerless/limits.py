"""Limits of AWS, each written once. We check them before AWS does: emulators accept more."""

from datetime import timedelta

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
MAX_MESSAGE_BYTES = 1_048_576
MAX_BATCH_BYTES = 1_048_576
MAX_BATCH_ENTRIES = 10
MAX_MESSAGE_ATTRIBUTES = 10
MAX_DELAY = timedelta(seconds=900)
MAX_VISIBILITY = timedelta(seconds=43_200)
MAX_RECEIVE_COUNT = 1_000
MAX_GROUP_ID_LENGTH = 128
MAX_QUEUE_NAME_LENGTH = 80
QUEUE_RETENTION = timedelta(days=4)
DEAD_LETTER_RETENTION = timedelta(days=14)

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_FUNCTION_TIMEOUT = timedelta(seconds=900)
MAX_FUNCTION_NAME_LENGTH = 64
MIN_MEMORY_MB, MAX_MEMORY_MB = 128, 10_240
MIN_EPHEMERAL_MB, MAX_EPHEMERAL_MB = 512, 10_240
MAX_ENVIRONMENT_BYTES = 4_096
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
MIN_MAXIMUM_CONCURRENCY, MAX_MAXIMUM_CONCURRENCY = 2, 1_000
# Of a poller in provisioned mode.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
INVOCATIONS_OF_A_POLLER = 10
MAX_BATCHING_WINDOW = timedelta(seconds=300)
BATCH_WITHOUT_WINDOW = 10

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
MAX_ITEM_BYTES = 409_600

# https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
MAX_SCHEDULE_NAME_LENGTH = 64
MAX_SCHEDULE_EXPRESSION_LENGTH = 256
MAX_SCHEDULE_ZONE_LENGTH = 50
MAX_FLEXIBLE_WINDOW = timedelta(minutes=1_440)

# Our own. The record keeps the message body in one item, so the body must leave room in it.
MAX_BODY_BYTES = 262_144
# As canonical JSON. What is above the first of each pair lies in a file; memory bounds the second.
INLINE_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES = 200_000, 10_485_760
INLINE_RESULT_BYTES, MAX_RESULT_BYTES = 100_000, 10_485_760
# What a record still has room for, beside its errors and steps, when no file can be written.
CRAMMED_RESULT_BYTES = 200_000
MAX_ERROR_FILE_BYTES = 262_144
MAX_JOB_ID_LENGTH = 128
MAX_JSON_DEPTH = 64
MAX_ATTEMPTS = 100
# How many jobs may enqueue each other, one in the other's handler, unless a job type says so.
MAX_DEPTH, MAX_MAX_DEPTH = 100, 1_000_000
# How long a job may be told to wait: a record and the sweeper hold it, not a message.
MAX_WAIT = timedelta(days=3650)
# What an invocation has on top of its jobs' time: margin, claim, and a slow first call.
INVOCATION_OVERHEAD = timedelta(seconds=10)
