"""Rows of a version that is being released: those that CodeDeploy asks whether it may go on."""

from dataclasses import replace

from infra.alarms import function_rows
from infra.alarms.row import AlarmProfile, Measure, Row, Severity

# One alone is chance, or a payload that fails with any version.
_LEAST = 3
_MOST_FAILED, _MOST_TRIED = 0.1, 0.5


def crashes(version: str) -> Row:
    """Lambda counts by version while an alias stands for two."""
    return replace(
        function_rows.crashes(version),
        name="release-crashes",
        meaning="the version being released crashed, timed out or ran out of memory",
        severity=Severity.WARNING,
    )


def failures(lines: str, version: str, function: str) -> Row:
    """Of jobs that ended, one in ten failed for good; or every other attempt failed.

    The second, since jobs fail for good only after their last attempt, which is hours away: five
    minutes see attempts. It is no tighter, since what fails now and then is what retries are for.
    Silent once the alias stands for one version only, which Lambda then counts no more: a mend
    could not be released while it rings.
    """
    failed, ended, retried = (
        Measure(place=lines, name=counted(function, what), statistic="Sum")
        for what in ("failed", "ended", "retried")
    )
    runs = Measure(place=version, name="Invocations", statistic="Sum")
    # Zeros, where a metric has no points or is not there at all.
    bad, good, again = (f"SUM([{one}, runs * 0])" for one in ("failed", "ended", "retried"))
    for_good = f"{bad} >= {_LEAST} AND {bad} > {good} * {_MOST_FAILED}"
    half = f"({good} + {again}) * {_MOST_TRIED}"
    attempts = f"{bad} + {again} >= {_LEAST} AND {bad} + {again} > {half}"
    return Row(
        name="release-failures",
        meaning="of the version being released, a tenth of its jobs or half of its attempts fail",
        severity=Severity.WARNING,
        profile=AlarmProfile.BASIC,
        measures={"failed": failed, "ended": ended, "retried": retried, "runs": runs},
        expression=f"IF(runs > 0 AND (({for_good}) OR ({attempts})), 1, 0)",
        minutes=5,
        datapoints=1,
        periods=1,
    )


def counted(function: str, what: str) -> str:
    """The name of a metric that lines of a function's log are counted in."""
    return f"{function}-{what}"
