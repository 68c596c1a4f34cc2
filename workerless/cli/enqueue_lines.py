"""``workerless enqueue --lines``: many jobs at once, a payload on each line."""

from typing import Any

from workerless.cli.checkout import declared
from workerless.cli.failure import CommandError
from workerless.cli.output import people, print_json
from workerless.cli.payload_argument import check_payload, parse_payload, read_text
from workerless.cli.setting import Setting


def enqueue_lines(setting: Setting, name: str, argument: str, options: dict[str, Any]) -> None:
    """Check every line, then enqueue them all. Raises ``CommandError`` naming the line."""
    job_type = declared(setting.world.folder, name)
    if options.pop("job_id") is not None:
        raise CommandError("--id must be left out with --lines: it would be that of every job")
    lines = [line for line in read_text(argument).splitlines() if line.strip()]
    payloads = []
    for number, line in enumerate(lines, start=1):
        try:
            payloads.append(check_payload(job_type, parse_payload(line)))
        except CommandError as error:
            raise CommandError(f"line {number}: {error}") from error
    jobs = setting.client().enqueue_many(job_type, payloads, **options)
    again = sum(job.is_duplicate for job in jobs)
    if setting.as_json:
        print_json({"type": name, "ids": [job.id for job in jobs], "duplicates": again})
    else:
        were_before = f", {again} were before" if again else ""
        people().print(f"{len(jobs) - again} enqueued{were_before}")
