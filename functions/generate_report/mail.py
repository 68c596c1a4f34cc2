"""Telling people of a report: an email each, as jobs of ``send_email``."""

import hashlib
from collections.abc import Sequence

from functions.generate_report.figures import Figures
from functions.send_email.job import SendEmail, send_email
from workerless.client import Client
from workerless.errors import JobConflictError
from workerless.execution.context import JobContext


def tell(
    figures: Figures,
    recipients: Sequence[str],
    *,
    job: JobContext,
    client: Client,
    place: str,
    link: str,
) -> list[str]:
    """The ids of the jobs. However often this job repeats itself, each recipient has one email."""
    return [
        _enqueue(figures, to, job=job, client=client, place=place, link=link) for to in recipients
    ]


def _enqueue(
    figures: Figures, to: str, *, job: JobContext, client: Client, place: str, link: str
) -> str:
    digest = hashlib.sha256(f"{job.job_id}\n{to}".encode()).hexdigest()[:16]
    email_id = f"report-{figures.day}-{digest}"
    variables = {"day": f"{figures.day:%A, %-d %B %Y}", "summary": summary(figures)}
    email = SendEmail(
        email_id=email_id,
        to=to,
        template="report",
        variables={**variables, "place": place, "link": link},
    )
    try:
        client.enqueue(
            send_email,
            email,
            job_id=email_id,
            parent_id=job.job_id,
            correlation_id=job.correlation_id,
        )
    except JobConflictError:
        # An earlier attempt has told them, of figures that have changed since: the files have both.
        job.logger.info("report already told", extra={"email_id": email_id})
    return email_id


def summary(figures: Figures) -> str:
    """One sentence, and what must be known with it; a text of at most 500 characters."""
    counts = (f"{figures.total(name):,} {name}" for name in ("completed", "failed", "retried"))
    return "; ".join([", ".join(counts), *figures.notes])[:500]
