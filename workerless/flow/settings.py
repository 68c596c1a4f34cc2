"""What people decided about the flow of jobs while these are deployed: pauses and overrides. Pure.

Each job type has such settings, and the stage as a whole (``STAGE``): what both say holds.
"""

import json
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any

from workerless.frozen import frozen, replace

# Why a job waits that is paused, as its record says.
PAUSED = "paused"
_FIRST_LOOK, _LONGEST_LOOK = timedelta(minutes=1), timedelta(hours=1)
# The settings that hold for every job type; no job type can have this name.
STAGE = "*"


@frozen
class Pause:
    """Jobs of ``tenant`` (None: all) do not start, from ``at`` on, ``until`` then or a resume."""

    by: str
    at: datetime
    why: str
    until: datetime | None = None
    tenant: str | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is not over by itself."""
        return self.until is None or now < self.until

    def shape(self) -> dict[str, str | None]:
        """As JSON tells it."""
        return {
            "tenant": self.tenant,
            "by": self.by,
            "at": self.at.isoformat(),
            "why": self.why,
            "until": self.until.isoformat() if self.until else None,
        }


@frozen
class Override:
    """What holds instead of a declared limit; a ``limit`` of 0 lets nothing start."""

    by: str
    at: datetime
    why: str
    limit: int
    per: timedelta | None = None


@frozen
class FlowSettings:
    """The settings of one job type, or of the stage.

    There is one pause of a tenant, and one of them all. ``overrides`` are by the limit's name, like
    ``rate:stripe``. ``is_off`` tells that a pause switched the mappings off, which nobody has
    switched on again. ``version`` counts the changes; 0 is that of settings nobody has made yet.
    """

    pauses: tuple[Pause, ...] = ()
    overrides: Mapping[str, Override] = field(default_factory=dict)
    is_off: bool = False
    version: int = 0

    def paused(self, tenant: str | None, now: datetime) -> Pause | None:
        """The pause that keeps a job of ``tenant`` from starting; of several the longest."""
        held = [one for one in self.pauses if one.tenant in (None, tenant) and one.holds(now)]
        return max(held, key=_end, default=None)

    def pause_of(self, tenant: str | None) -> Pause | None:
        """The pause of exactly this: one tenant, or all jobs (None)."""
        return next((one for one in self.pauses if one.tenant == tenant), None)

    def with_pause(self, pause: Pause) -> "FlowSettings":
        """In the place of an earlier one of the same tenant."""
        return replace(self, pauses=(*self.without_pause(pause.tenant).pauses, pause))

    def without_pause(self, tenant: str | None) -> "FlowSettings":
        kept = tuple(one for one in self.pauses if one.tenant != tenant)
        return replace(self, pauses=kept)


NO_SETTINGS = FlowSettings()


def settings_key(name: str) -> str:
    """The partition of the table in which the settings of this name lie."""
    return f"FLOW#{name}"


def together(own: FlowSettings, stage: FlowSettings) -> FlowSettings:
    """What holds for a job type: its own word on a limit counts more than the stage's."""
    return replace(
        own, pauses=own.pauses + stage.pauses, overrides={**stage.overrides, **own.overrides}
    )


def look_again_after(looks: int, pause: Pause, now: datetime) -> timedelta:
    """How long a paused job waits that was looked at so often before: twice as long each time.

    No longer than the pause lasts, nor than an hour.
    """
    delay = min(_FIRST_LOOK * (1 << min(looks, 10)), _LONGEST_LOOK)
    return delay if pause.until is None else min(delay, pause.until - now)


def write_settings(settings: FlowSettings) -> str:
    """As JSON text, without the version."""
    return json.dumps(
        {
            "pauses": [_told(one) for one in settings.pauses],
            "overrides": {name: _told(one) for name, one in settings.overrides.items()},
            "is_off": settings.is_off,
        }
    )


def read_settings(text: str, version: int) -> FlowSettings:
    """What ``write_settings`` wrote. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    told = json.loads(text)
    return FlowSettings(
        pauses=tuple(Pause(**_read(one)) for one in told["pauses"]),
        overrides={name: Override(**_read(one)) for name, one in told["overrides"].items()},
        is_off=bool(told["is_off"]),
        version=version,
    )


def _end(pause: Pause) -> tuple[bool, datetime]:
    return pause.until is None, pause.until or pause.at


def _told(value: Pause | Override) -> dict[str, Any]:
    return {name: _plain(inner) for name, inner in vars(value).items() if inner is not None}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            return value


def _read(told: Mapping[str, Any]) -> dict[str, Any]:
    moments = {name: datetime.fromisoformat(told[name]) for name in ("at", "until") if name in told}
    per = {"per": timedelta(seconds=told["per"])} if "per" in told else {}
    return {**told, **moments, **per}
