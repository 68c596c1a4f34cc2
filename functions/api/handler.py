"""The HTTP API as a Lambda function: API Gateway calls it, once a request."""

from workerless.http.function import HttpFunction

handler = HttpFunction()
