"""The order of things: the cloud, the steps, the summary."""

import secrets
import time
from collections.abc import Callable, Mapping

from demo import cloud
from demo.cloud import DemoCloud
from demo.expectation import UnmetExpectation
from demo.outcome import Outcome, summary
from demo.run import Run
from demo.screen import Screen
from demo.steps import bare_message, bulk, dead_letter, email, image, webhook
from workerless.cli.failure import explain
from workerless.client import connect
from workerless.local.deploy import STAGE

_STEPS: Mapping[str, Callable[[Run], list[Outcome]]] = {
    "An email, enqueued from Python": email.show,
    "A photograph, resized, cropped and compressed": image.show,
    "A webhook whose receiver fails twice": webhook.show,
    "A bare JSON message, sent with plain boto3": bare_message.show,
    "Two jobs that cannot succeed, in the dead-letter queue": dead_letter.show,
    "Two hundred emails at once": bulk.show,
}
_ADVICE = (
    "with a local cloud that stays (`make local`), run it again: "
    "`.venv/bin/workerless local logs TYPE` then shows what the functions wrote"
)


def show() -> int:
    """The exit code; expected errors are told in a line or two."""
    screen = Screen()
    try:
        _show(screen)
    except UnmetExpectation as unmet:
        screen.fail(f"not as expected\n{unmet}\n{_ADVICE}")
        return 1
    except KeyboardInterrupt:
        screen.fail("interrupted; what the demo started has been ended")
        raise
    except Exception as error:
        explained = explain(error)
        if explained is None:
            raise
        code, message = explained
        screen.fail(message.replace("workerless local up", "make demo"))
        return code
    return 0


def _show(screen: Screen) -> None:
    began = time.monotonic()
    screen.heading("The local cloud: your stacks, deployed on this machine")
    with cloud.deployed(screen) as used:
        screen.tell("ready", f"{used.running.endpoint}, {time.monotonic() - began:.0f} s")
        cloud.use(used.running)
        outcomes = _play(screen, used)
        screen.heading("Summary: all as expected")
        screen.console.print(summary(outcomes))
    screen.tell("took", f"{time.monotonic() - began:.0f} s in all")
    screen.tell("cloud", used.farewell)


def _play(screen: Screen, used: DemoCloud) -> list[Outcome]:
    run = Run(id=secrets.token_hex(3), client=connect(STAGE), port=used.running.port, screen=screen)
    outcomes = []
    for number, (title, step) in enumerate(_STEPS.items(), start=1):
        screen.heading(f"{number} of {len(_STEPS)}  {title}")
        outcomes += step(run)
    return outcomes
