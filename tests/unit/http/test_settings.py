"""What a stage says of its API goes into one variable and comes out the same."""

from typing import Any

import pytest

from workerless.errors import WorkerlessError
from workerless.http.settings import CallerRule, HttpSettings, Jwt, Scheme, WebhookSource
from workerless.http.surface import Scope


@pytest.mark.parametrize(
    "settings",
    [
        HttpSettings(),
        HttpSettings(
            jwt=Jwt(issuer="https://id.example.com", audience=("a", "b"), tenant_claim="org"),
            webhooks={
                "github": WebhookSource(
                    job_type="build",
                    signing_key="/prod/github",
                    scheme=Scheme.GITHUB,
                    tenant="acme",
                )
            },
            origins=("https://jobs.example.com",),
            rate=7,
        ),
        HttpSettings(
            callers={
                "arn:aws:iam::1:role/team/r": CallerRule(scopes=frozenset({Scope.READ})),
                "*": CallerRule(tenant="acme"),
            }
        ),
    ],
)
def test_settings_are_read_as_they_were_written(settings: HttpSettings) -> None:
    assert HttpSettings.read(settings.render()) == settings


def test_stage_that_says_nothing_has_the_defaults() -> None:
    assert HttpSettings.read({}) == HttpSettings()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"webhooks": {"Git Hub": WebhookSource(job_type="a", signing_key="/s")}},
            "webhooks: 'Git Hub'",
        ),
        (
            {"webhooks": {"a": WebhookSource(job_type="a", signing_key="plain")}},
            r"webhooks\['a'\].signing_key",
        ),
        (
            {"webhooks": {"a": WebhookSource(job_type="a", signing_key="/s", tenant="a b")}},
            r"webhooks\['a'\].tenant",
        ),
        ({"callers": {"*": CallerRule(tenant="")}}, r"callers\['\*'\].tenant"),
        ({"callers": {"AcmeBackend": CallerRule(tenant="acme")}}, "callers: 'AcmeBackend'"),
        (
            {
                "callers": {"*": CallerRule(tenant="acme")},
                "jwt": Jwt(issuer="https://id.example.com", audience=("a",)),
            },
            "callers must be empty with jwt",
        ),
        ({"origins": ("*",)}, "origins must be named"),
    ],
)
def test_what_cannot_be_is_named(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(WorkerlessError, match=told):
        HttpSettings(**wrong)
