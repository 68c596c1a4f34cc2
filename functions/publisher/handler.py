"""The publisher as a Lambda function: it reads the stream of the stage's table."""

from workerless.publisher import PublisherFunction

handler = PublisherFunction()
