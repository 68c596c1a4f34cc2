"""Durations for CloudFormation, which counts in whole seconds."""

from datetime import timedelta

from aws_cdk import Duration


def seconds(duration: timedelta) -> Duration:
    """``duration``, which a job type declares or derives in whole seconds."""
    return Duration.seconds(duration // timedelta(seconds=1))
