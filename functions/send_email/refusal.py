"""What an answer of SES other than yes means for the job.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
"""

from datetime import timedelta

from botocore.exceptions import ClientError

from workerless import Fail, Snooze

# The same email would be refused again: nothing in it changes between attempts.
_REJECTED = frozenset(
    {
        "MessageRejected",
        "MailFromDomainNotVerifiedException",
        "AccountSuspendedException",
        "BadRequestException",
        "NotFoundException",
    }
)
# Somebody stopped all sending, and will start it again; no email is to blame, so none pays for it
# with an attempt.
_PAUSED = "SendingPausedException"
_PAUSE = timedelta(minutes=15)


def judge(error: ClientError) -> Fail | Snooze | None:
    """How the job ends, or None for what another attempt may mend (throttles, faults of SES)."""
    code = error.response["Error"]["Code"]
    if code == _PAUSED:
        return Snooze(_PAUSE)
    if code in _REJECTED:
        return Fail(f"SES refused the email: {code}: {error.response['Error'].get('Message', '')}")
    return None
