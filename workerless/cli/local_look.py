"""One look at a local cloud: what was measured, and which alarms that would ring."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from workerless.alarming.metric import Samples
from workerless.alarming.state import State
from workerless.cli.setting import Setting
from workerless.local import template
from workerless.local.bell import Bell, bells

# What the longest of the alarms looks at.
LONGEST = timedelta(days=1)
_MINUTE = 60
_UNKNOWN = "unknown"


def measured(setting: Setting, span: timedelta) -> Samples:
    """All of the last ``span``. Raises ``NotRunningError``."""
    cloud, until = setting.cloud(), setting.world.now()
    return setting.world.measure(
        cloud.directory, cloud.running(), (until - span).timestamp(), until.timestamp()
    )


def ringing_now(setting: Setting, samples: Samples) -> Sequence[Bell]:
    """As at the end of the minute that runs: nobody waits for it to be over."""
    end = (setting.world.now().timestamp() // _MINUTE + 1) * _MINUTE
    return bells(template.alarms(setting.cloud().directory), samples, end, {})


def ringing_then(setting: Setting, samples: Samples, before: Mapping[str, State]) -> Sequence[Bell]:
    """As at the end of the minute that is over, as CloudWatch looks."""
    end = setting.world.now().timestamp() // _MINUTE * _MINUTE
    return bells(template.alarms(setting.cloud().directory), samples, end, before)


def state_of(bell: Bell) -> str:
    """As people read it."""
    return bell.state.value if bell.state else _UNKNOWN
