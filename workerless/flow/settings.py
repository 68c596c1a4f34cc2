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


type Scope = tuple[str | None, str | None]
"""A lane or a tenant of a job type; both None for all of it."""


@frozen
class Pause:
    """Jobs do not start, from ``at`` on, ``until`` then or a resume.

    Those of one ``lane`` or of one ``tenant``; where both are None, all.
    """

    by: str
    at: datetime
    why: str
    until: datetime | None = None
    lane: str | None = None
    tenant: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it is of the whole job type."""
        return self.lane is None and self.tenant is None

    @property
    def scope(self) -> Scope:
        """What is paused: there is one pause of it."""
        return self.lane, self.tenant

    def is_of(self, lane: str | None, tenant: str | None) -> bool:
        """Whether a job of this lane and tenant is among those paused."""
        return self.lane in (None, lane) and self.tenant in (None, tenant)

    def holds(self, now: datetime) -> bool:
        """Whether it is not over by itself."""
        return self.until is None or now < self.until

    def shape(self) -> dict[str, str | None]:
        """As JSON tells it."""
        return {
            "lane": self.lane,
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

    def shape(self) -> dict[str, Any]:
        """As JSON tells it; ``perMs`` is null where the declared time holds."""
        return {
            "limit": self.limit,
            "perMs": self.per // timedelta(milliseconds=1) if self.per else None,
            "by": self.by,
            "at": self.at.isoformat(),
            "why": self.why,
        }


@frozen
class FlowSettings:
    """The settings of one job type, or of the stage.

    There is one pause of a tenant, of a lane, and of them all. ``overrides`` are by the limit's
    name, like ``rate:stripe``. ``is_off`` tells that a pause switched mappings off, which nobody
    has switched on again. ``factor`` (above 0 to 1) is what part of each rate dependencies allow;
    only workers know it. ``version`` counts the changes; 0 is that of settings nobody has made.
    """

    pauses: tuple[Pause, ...] = ()
    overrides: Mapping[str, Override] = field(default_factory=dict)
    is_off: bool = False
    factor: float = 1.0
    version: int = 0

    def paused(
        self, now: datetime, *, lane: str | None = None, tenant: str | None = None
    ) -> Pause | None:
        """The pause that keeps a job from starting; of several the longest."""
        held = [one for one in self.pauses if one.is_of(lane, tenant) and one.holds(now)]
        return max(held, key=_end, default=None)

    def pause_of(self, *, lane: str | None = None, tenant: str | None = None) -> Pause | None:
        """The pause of exactly this: one lane, one tenant, or all jobs."""
        return next((one for one in self.pauses if one.scope == (lane, tenant)), None)

    def with_pause(self, pause: Pause) -> "FlowSettings":
        """In the place of an earlier one of the same scope."""
        return replace(self, pauses=(*self.without_pause(pause.scope).pauses, pause))

    def without_pause(self, scope: Scope) -> "FlowSettings":
        """All but the pause of this lane or tenant, or of all jobs."""
        return replace(self, pauses=tuple(one for one in self.pauses if one.scope != scope))


NO_SETTINGS = FlowSettings()


def told_scope(job_type: str, scope: Scope) -> str:
    """What a pause is of, in words."""
    names = zip(("lane", "tenant"), scope, strict=True)
    return job_type + "".join(f" {kind} {name}" for kind, name in names if name is not None)


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
