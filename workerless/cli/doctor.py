"""``workerless doctor``."""

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import CommandError
from workerless.cli.output import people, plain, print_json, safe
from workerless.cli.setting import Setting, setting_of
from workerless.operations.doctor.examination import Diagnosis
from workerless.operations.doctor.finding import Finding


def doctor(ctx: typer.Context) -> None:
    """Look at all that is deployed and say what breaks a rule, and the fix; exit 4 if broken."""
    setting = setting_of(ctx)
    diagnosis = _examine(setting)
    if setting.as_json:
        print_json(
            {
                "broken": diagnosis.is_broken,
                "job_types": diagnosis.job_types,
                "unasked": diagnosis.unasked,
                "findings": [
                    {**plain(finding), "runbook": finding.runbook} for finding in diagnosis.findings
                ],
            }
        )
    else:
        _print(diagnosis)
    broken = sum(finding.is_broken for finding in diagnosis.findings)
    if broken:
        raise CommandError(
            f"{broken} {'rule is' if broken == 1 else 'rules are'} broken in stage "
            f"{setting.stage}; docs/troubleshooting.md says what each is for",
            ExitCode.CONFLICT,
        )


def _examine(setting: Setting) -> Diagnosis:
    inspection = setting.inspection()
    console = people(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("looking")
        return inspection.doctor.examine(
            seen=lambda part: progress.update(task, description=safe(f"looking at {part}"))
        )


def _print(diagnosis: Diagnosis) -> None:
    console = people()
    for finding in diagnosis.findings:
        console.print(safe(f"{_word(finding)} {finding.rule}: {finding.on} {finding.wrong}"))
        console.print(safe(f"         {finding.fix}"))
        console.print(safe(f"         {finding.runbook}"))
    if diagnosis.unasked:
        console.print(f"not asked here: {', '.join(diagnosis.unasked)}")
    looked = f"looked at {len(diagnosis.job_types)} job types and what they share"
    console.print(f"{looked}: {'all is well' if not diagnosis.findings else 'see above'}")


def _word(finding: Finding) -> str:
    return "broken  " if finding.is_broken else "advice  "
