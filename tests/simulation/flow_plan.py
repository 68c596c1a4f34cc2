"""Schedules in which gates hold jobs back: those of ``plan``, with flow control declared."""

from dataclasses import replace
from random import Random

from tests.simulation.plan import Plan, draw_plan, tracked_as
from workerless import Tracking


def draw_flow_plan(seed: int) -> Plan:
    """By dice of its own. Gates need records, so nothing is untracked."""
    dice = Random(f"flow {seed}")
    tracking = Tracking.LEAN if dice.random() < 0.2 else Tracking.FULL
    plan = tracked_as(tracking, draw_plan(dice))
    return replace(plan, turns=dice.random() < 0.5)
