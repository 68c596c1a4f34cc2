"""Rules for how jobs end: what is deployed as it should be may still fail."""

from collections.abc import Iterator

from workerless.operations.doctor.finding import Finding
from workerless.operations.metrics import QueueMetrics
from workerless.operations.statistic import UNHEALTHY_RATIO


def jobs_complete(job_type: str, metrics: QueueMetrics) -> Iterator[Finding]:
    """Of the last thousand that ended not more than a tenth failed; of ten or fewer nobody judges.

    Advice: nothing here is deployed wrongly, and who deploys a mend asks the doctor, too.
    """
    ratio = metrics.error_rate
    if ratio is not None and ratio > UNHEALTHY_RATIO:
        yield Finding(
            rule="failure_ratio",
            on=job_type,
            wrong=f"{ratio:.1%} of its last {metrics.samples} jobs failed for good",
            fix=f"`workerless dead groups {job_type}` says of what",
            is_broken=False,
        )
