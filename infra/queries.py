"""What people ask the logs of a stage, in the language of CloudWatch Logs Insights. Pure.

Each is saved under ``Workerless/<stage>/<name>`` and asks the logs of all its functions.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from collections.abc import Mapping

_DEAD = '["job.failed", "job.lost"]'
_HELD_BACK = '["job.deferred", "job.waiting", "job.awaiting", "job.snoozed"]'


def _query(*commands: str) -> str:
    return "\n| ".join(commands)


QUERIES: Mapping[str, str] = {
    "failures by type": _query(
        f"filter message in {_DEAD}",
        "stats count(*) as failures, max(@timestamp) as last by job_type, reason, error_type",
        "sort failures desc",
        "limit 100",
    ),
    "dead jobs": _query(
        "fields @timestamp, job_type, job_id, reason, error_type, attempt, correlation_id",
        f"filter message in {_DEAD}",
        "sort @timestamp desc",
        "limit 1000",
    ),
    "retries by error": _query(
        'filter message = "job.retried"',
        "stats count(*) as retries, count_distinct(job_id) as jobs by job_type, error_type",
        "sort retries desc",
        "limit 100",
    ),
    "slowest attempts": _query(
        "fields @timestamp, job_type, job_id, message, attempt, duration_ms",
        "filter ispresent(JobDuration)",
        "sort duration_ms desc",
        "limit 100",
    ),
    "longest waits": _query(
        "fields @timestamp, job_type, job_id, attempt, wait_ms",
        'filter message = "job.started"',
        "sort wait_ms desc",
        "limit 100",
    ),
    "what holds jobs back": _query(
        f"filter message in {_HELD_BACK}",
        "stats count(*) as times, count_distinct(job_id) as jobs by job_type, message, reason",
        "sort times desc",
        "limit 100",
    ),
    "troubles": _query(
        'filter level = "ERROR"',
        "stats count(*) as times, max(@timestamp) as last by message, @log",
        "sort times desc",
        "limit 100",
    ),
    "cold starts": _query(
        'filter @type = "REPORT"',
        "stats count(*) as calls, count(@initDuration) as cold, max(@initDuration) as most by @log",
        "sort cold desc",
        "limit 100",
    ),
    "memory": _query(
        'filter @type = "REPORT"',
        "stats max(@maxMemoryUsed) as used, max(@memorySize) as most by @log",
        "sort used desc",
        "limit 100",
    ),
    "story of a job (put its id in)": _query(
        "fields @timestamp, message, state, attempt, reason, error_type, duration_ms, @log",
        'filter job_id = "the id of a job"',
        "sort @timestamp asc",
        "limit 1000",
    ),
    "story of a request (put its correlation id in)": _query(
        "fields @timestamp, message, job_type, job_id, state, attempt, reason, @log",
        'filter correlation_id = "the id of a request"',
        "sort @timestamp asc",
        "limit 1000",
    ),
}
