"""Durations for CloudFormation, which counts in whole seconds."""

import math
from datetime import timedelta

from aws_cdk import Duration


def seconds(duration: timedelta) -> Duration:
    """``duration`` in whole seconds, rounded up."""
    return Duration.seconds(math.ceil(duration.total_seconds()))
