"""The ticker as a Lambda function: it reads the queue that EventBridge Scheduler sends ticks to."""

from workerless.ticker import TickerFunction

handler = TickerFunction()
