"""Who the emails are from: the stage's own setting, read when the first email is sent."""

from collections.abc import Mapping

from pydantic import TypeAdapter, ValidationError

from functions.send_email.job import EmailAddress
from workerless import WorkerlessError

VARIABLE = "EMAIL_SENDER"


def read_sender(variables: Mapping[str, str]) -> str:
    """Raises ``WorkerlessError`` when the environment names no usable sender."""
    value = variables.get(VARIABLE, "")
    try:
        return TypeAdapter(EmailAddress).validate_python(value)
    except ValidationError as error:
        raise WorkerlessError(
            f"{VARIABLE} must be an email address that SES has verified, got {value!r}; "
            "set it for this stage in infra/settings.py"
        ) from error
