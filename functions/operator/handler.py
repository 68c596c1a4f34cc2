"""The operator as a Lambda function: EventBridge Scheduler calls it each minute."""

from workerless.operating import OperatorFunction

handler = OperatorFunction()
