"""Rows of functions, as Lambda itself sees them."""

from infra.alarms.row import AlarmProfile, Measure, Row, Severity


def crashes(place: str) -> Row:
    """A job that fails is an item that failed: what Lambda calls an error is a dead process."""
    return Row(
        name="worker-crashes",
        meaning="an invocation crashed, timed out or ran out of memory",
        severity=Severity.CRITICAL,
        profile=AlarmProfile.BASIC,
        measures={"crashes": Measure(place=place, name="Errors", statistic="Sum")},
        datapoints=1,
        periods=5,
    )


def throttles(place: str) -> Row:
    """Mappings never ask for more than they may have: the account's limit is reached."""
    return Row(
        name="throttles",
        meaning="Lambda refused invocations in three of five minutes",
        severity=Severity.WARNING,
        profile=AlarmProfile.FULL,
        measures={"throttles": Measure(place=place, name="Throttles", statistic="Sum")},
        datapoints=3,
        periods=5,
    )
