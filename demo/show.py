"""The order of things: the cloud, the steps, the summary."""

import secrets
import time
from collections.abc import Callable
from types import ModuleType

from demo import cloud
from demo.expectation import UnmetExpectation
from demo.outcome import Outcome, summary
from demo.run import Run
from demo.screen import Screen
from demo.steps import bare_message, bulk, dead_letter, email, image, webhook
from workerless.cli.failure import explain
from workerless.client import connect
from workerless.local.deploy import STAGE

_STEPS: tuple[ModuleType, ...] = (email, image, webhook, bare_message, dead_letter, bulk)
