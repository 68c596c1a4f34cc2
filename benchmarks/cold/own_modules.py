"""What a worker imports of Workerless; to be imported once all that it needs of others is there."""

import workerless.aws.clock
import workerless.aws.dynamodb
import workerless.aws.session
import workerless.aws.sqs
import workerless.aws.telemetry
import workerless.worker  # noqa: F401 -- to be loaded is all
