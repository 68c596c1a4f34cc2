"""How much the state machines play: a little in every run, much in ``make nightly``."""

import os

from hypothesis import HealthCheck, Phase, settings

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"

_HEALTH = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
PLAYED = settings(
    max_examples=1_000 if NIGHTLY else 50,
    stateful_step_count=50 if NIGHTLY else 25,
    deadline=None,
    suppress_health_check=_HEALTH,
)
"""For the machines as they are."""
HUNTED = settings(
    max_examples=1_000,
    stateful_step_count=25,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=_HEALTH,
    report_multiple_bugs=False,
)
"""For a machine that must find a fault: the same search each time, and none of it kept."""
