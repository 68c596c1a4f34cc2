"""The sweeper as a Lambda function: EventBridge Scheduler calls it each minute."""

from workerless.sweeper import SweeperFunction

handler = SweeperFunction()
