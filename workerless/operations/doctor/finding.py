"""One thing that breaks a rule."""

from collections.abc import Mapping
from dataclasses import dataclass

DEPLOY = "deploy the stack again: somebody changed it by hand"
_RULES = "docs/troubleshooting.md#rules-of-the-doctor"
# The sections of docs/runbook.md that say more of what breaks a rule than the rule does.
RUNBOOK: Mapping[str, str] = {
    "mapping": "mapping-stopped",
    "mapping_enabled": "mapping-stopped",
    "paused": "paused",
    "age_alarm": "oldest-age",
    "dead_letter_alarm": "dead-letters",
    "dead_letter_reader": "dead-letters",
    "function": "worker-crashes",
    "reserved_concurrency": "throttles",
    "failure_ratio": "failure-rate-critical",
    "declared_schedule": "schedule-missed",
    "heartbeat": "sweeper-stopped",
    "schedule": "sweeper-stopped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``on`` is the resource, ``wrong`` what it has, ``fix`` what to do.

    ``is_broken`` tells what loses jobs, time or sight of them from what is only better otherwise.
    """

    rule: str
    on: str
    wrong: str
    fix: str
    is_broken: bool = True

    @property
    def runbook(self) -> str:
        """Where to read on."""
        section = RUNBOOK.get(self.rule)
        return f"docs/runbook.md#{section}" if section else _RULES
