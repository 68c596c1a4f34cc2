"""What a stage says of its API: who callers are, which webhooks come in, who may ask from a page.

Written by the stack into one variable of the function, read there. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import TypeAdapter

from workerless.errors import WorkerlessError
from workerless.http.surface import Scope
from workerless.message import TENANT

VARIABLE = "WORKERLESS_HTTP"
_SOURCE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_KEY_NAME = re.compile(
    r"/[A-Za-z0-9_./-]{1,200}|arn:aws[a-z-]*:secretsmanager:[A-Za-z0-9:/_+=.@-]+"
)
_CALLER = re.compile(r"\*|arn:aws[a-z-]*:(iam|sts)::\d+:[a-z-]+(/[!-~]+)?")

# All seats are one item of the table, written twice for each.
_MAX_WAITERS = 100


class Scheme(StrEnum):
    """How a webhook is signed.

    ``STANDARD``: https://www.standardwebhooks.com, fresh for five minutes and named by its sender.
    ``GITHUB``: the header X-Hub-Signature-256, over the body and nothing else.
    """

    STANDARD = "standard"
    GITHUB = "github"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSource:
    """Whoever sends ``POST /webhooks/<name>``, and the job type its bodies are payloads of.

    ``signing_key`` names an SSM SecureString (``/path/name``) or a secret of Secrets Manager (its
    ARN); it holds one secret, or two with a space between while one replaces the other.
    """

    job_type: str
    signing_key: str
    scheme: Scheme = Scheme.STANDARD
    tenant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Jwt:
    """Who issues tokens, and what they say of their bearer.

    ``scope_claim`` holds words, of which those that are ``scope_prefix`` and a scope count. With a
    ``tenant_claim`` each bearer is bound to the tenant that it names, and one without it is
    refused; ``every_tenant`` is the value of those who are bound to none.
    """

    issuer: str
    audience: tuple[str, ...]
    scope_claim: str = "scope"
    scope_prefix: str = ""
    tenant_claim: str | None = None
    every_tenant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRule:
    """What one role or user may do at most, and the tenant it belongs to."""

    scopes: frozenset[Scope] = frozenset(Scope)
    tenant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """The API of one stage. Raises ``WorkerlessError`` for what cannot be.

    Without ``jwt`` callers sign with IAM credentials. ``callers`` narrows what IAM allows, by ARN
    of role or user; ``*`` is every other one. ``origins`` are the web pages that may call.
    ``tokens`` lets whoever has a token of ``JobContext.token`` send its event, and do nothing else.
    ``waiters`` is how many callers may wait for jobs at once (0 to 100), each in a call of its own.
    ``rate`` is requests a second, ``burst`` how many at once, for all callers together.
    """

    jwt: Jwt | None = None
    callers: Mapping[str, CallerRule] = field(default_factory=dict)
    webhooks: Mapping[str, WebhookSource] = field(default_factory=dict)
    origins: tuple[str, ...] = ()
    tokens: bool = False
    waiters: int = 20
    rate: int = 100
    burst: int = 200

    def __post_init__(self) -> None:
        for arn in self.callers:
            # Whom no rule is for may do all that IAM lets it: a name that fits nobody is no rule.
            _check(f"callers: {arn!r}", arn, _CALLER)
        for name, source in self.webhooks.items():
            _check(f"webhooks: {name!r}", name, _SOURCE)
            _check(f"webhooks[{name!r}].signing_key", source.signing_key, _KEY_NAME)
        tenants = {
            **{f"callers[{arn!r}].tenant": rule.tenant for arn, rule in self.callers.items()},
            **{f"webhooks[{name!r}].tenant": one.tenant for name, one in self.webhooks.items()},
        }
        for name, tenant in tenants.items():
            _check(name, tenant, TENANT)
        if self.jwt is not None and self.callers:
            raise WorkerlessError(
                "http: callers must be empty with jwt: tokens say who callers are, got "
                f"{', '.join(self.callers)}"
            )
        if not 0 <= self.waiters <= _MAX_WAITERS:
            raise WorkerlessError(f"http: waiters must be 0 to {_MAX_WAITERS}, got {self.waiters}")
        if "*" in self.origins:
            raise WorkerlessError("http: origins must be named, got '*'; list them one by one")

    def render(self) -> dict[str, str]:
        return {VARIABLE: _ADAPTER.dump_json(self, exclude_defaults=True).decode()}

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "HttpSettings":
        """Without the variable, those of a stage that says nothing."""
        return _ADAPTER.validate_json(variables.get(VARIABLE) or "{}")


_ADAPTER = TypeAdapter(HttpSettings)


def _check(name: str, value: str | None, pattern: re.Pattern[str]) -> None:
    if value is not None and not pattern.fullmatch(value):
        raise WorkerlessError(f"http: {name} must match {pattern.pattern}, got {value!r}")
