"""What the job type ``send_email`` is: one email from a template, sent through Amazon SES."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from workerless import Allow, Exponential, JobType, Payload, Result

# What SES takes: an ASCII mailbox and a domain in its ASCII form, as in HTML's input type=email.
# Neither spaces, commas nor line breaks, so an address is one address and no header can follow it.
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EmailAddress = Annotated[
    str,
    StringConstraints(
        max_length=254,
        pattern=rf"^[A-Za-z0-9.!#$%&'*+/=?^_{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+$",
    ),
]

# One line of text: no control characters and no line separators, so it may stand in a subject.
Text = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
    ),
]

type Template = Literal["welcome", "reminder", "report"]

# What each template must be told. A test holds this to the files in ``templates/``.
VARIABLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "welcome": frozenset({"name", "link"}),
        "reminder": frozenset({"name", "task", "due", "link"}),
        "report": frozenset({"day", "summary", "place", "link"}),
    }
)


class SendEmail(Payload):
    """One email to one person, from a template.

    ``email_id`` is the caller's own name for this email and stays the same however often the caller
    repeats itself; it travels as a tag, since SES has no idempotency token. ``variables`` are what
    the template asks for (``VARIABLES``); ``link`` is an https:// address.
    """

    email_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
    to: EmailAddress
    template: Template
    variables: dict[str, Text] = Field(max_length=20)

    @model_validator(mode="after")
    def _tells_the_template_all(self) -> Self:
        missing = VARIABLES[self.template] - self.variables.keys()
        if missing:
            raise ValueError(
                f"variables must hold {', '.join(sorted(VARIABLES[self.template]))} for template "
                f"{self.template!r}, missing {', '.join(sorted(missing))}"
            )
        # Escaping keeps a value inside its attribute, but not from being javascript:.
        if not self.variables["link"].startswith("https://"):
            raise ValueError("variables: link must start with https://")
        return self


class EmailSent(Result):
    """SES accepted the email; ``message_id`` is its id there. Delivery is another matter."""

    message_id: str


send_email = JobType(
    name="send_email",
    payload=SendEmail,
    result=EmailSent,
    retry=Exponential(attempts=5, first=timedelta(seconds=2), cap=timedelta(minutes=15)),
    timeout=timedelta(seconds=30),
    concurrency=10,
    batch_size=10,
    permissions=(
        # The sender is the stage's (EMAIL_SENDER), and in the SES sandbox the recipient is checked
        # as an identity too, so neither can be named here.
        Allow(
            actions=("ses:SendEmail",),
            resources=("arn:{partition}:ses:{region}:{account}:identity/*",),
        ),
    ),
)
