"""The orchestrator as a Lambda function: it reads the queue of orders to look at workflows."""

from workerless.orchestrator import OrchestratorFunction

handler = OrchestratorFunction()
