"""The local cloud that the demo runs on: the one that is there, or its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.screen import Screen
from workerless.local import credentials
from workerless.local.cloud import LocalCloud, local_cloud
from workerless.local.errors import LocalCloudError, NotRunningError
from workerless.local.start import DEFAULT_PORT
from workerless.local.state import Running

_CHECKOUT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCloud:
    """``is_own`` tells that the demo started it, and so ends it."""

    running: Running
    is_own: bool

    @property
    def farewell(self) -> str:
        """What becomes of it, and how to change that."""
        if self.is_own:
            return (
                "ended, as it was not running before; `make local` (`workerless local up`) starts "
                "one that stays"
            )
        return (
            f"goes on at {self.running.endpoint}, as before; `.venv/bin/workerless local down` "
            "ends it"
        )


@contextmanager
def deployed(screen: Screen) -> Iterator[DemoCloud]:
    """The local cloud with every stack deployed; ended afterwards unless it ran before."""
    cloud = local_cloud(_CHECKOUT, dict(os.environ))
    is_own = not _runs(cloud)
    try:
        with screen.live("starting") as redraw:

            def tell(text: str) -> None:
                redraw(text)
                screen.tell("", text)

            try:
                running = cloud.up(port=DEFAULT_PORT, tell=tell)
            except LocalCloudError:
                is_own = False  # it has tidied up, and what runs now may be another command's
                raise
        yield DemoCloud(running=running, is_own=is_own)
    finally:
        if is_own:
            cloud.down()


def use(running: Running) -> None:
    """Point every AWS client of this process at the local cloud, whatever the user has set up."""
    for name in os.environ.keys() - credentials.without_aws(os.environ).keys():
        del os.environ[name]
    os.environ.update(credentials.dummy(running.endpoint))


def _runs(cloud: LocalCloud) -> bool:
    try:
        cloud.running()
    except NotRunningError:
        return False
    return True
