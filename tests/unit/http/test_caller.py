"""Who calls, from what API Gateway has found out."""

from typing import Any

import pytest

from workerless.http.caller import Caller, identify, role_of
from workerless.http.settings import CallerRule, HttpSettings, Jwt
from workerless.http.surface import Scope

ALL = frozenset(Scope)
SESSION = "arn:aws:sts::123456789012:assumed-role/Reader/ada"
ROLE = "arn:aws:iam::123456789012:role/teams/mail/Reader"


def iam(arn: str) -> dict[str, Any]:
    return {"iam": {"userArn": arn}}


def bearer(**claims: str) -> dict[str, Any]:
    return {"jwt": {"claims": {"sub": "ada", **claims}}}


@pytest.mark.parametrize(
    ("arn", "role"),
    [
        (SESSION, "arn:aws:iam::123456789012:role/Reader"),
        (ROLE, "arn:aws:iam::123456789012:role/Reader"),
        ("arn:aws-cn:sts::1:assumed-role/R/s/t", "arn:aws-cn:iam::1:role/R"),
        ("arn:aws:iam::123456789012:user/x/Ada", "arn:aws:iam::123456789012:user/x/Ada"),
        ("arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root"),
    ],
)
def test_session_is_its_role_whatever_the_path(arn: str, role: str) -> None:
    assert role_of(arn) == role


def test_rule_of_a_role_holds_for_its_sessions_and_the_star_for_all_others() -> None:
    settings = HttpSettings(
        callers={
            ROLE: CallerRule(scopes=frozenset({Scope.READ}), tenant="acme"),
            "*": CallerRule(scopes=frozenset()),
        }
    )

    assert identify(iam(SESSION), settings) == Caller(
        name=SESSION, scopes=frozenset({Scope.READ}), tenant="acme"
    )
    other = SESSION.replace("123456789012", "210987654321")
    assert identify(iam(other), settings) == Caller(name=other, scopes=frozenset())


def test_without_rules_a_caller_may_do_what_iam_let_through() -> None:
    assert identify(iam(SESSION), HttpSettings()) == Caller(name=SESSION, scopes=ALL)


@pytest.mark.parametrize("authorizer", [{}, {"iam": {}}, {"iam": None}, iam(""), bearer()])
def test_nobody_is_nobody(authorizer: dict[str, Any]) -> None:
    assert identify(authorizer, HttpSettings()) is None


JWT = Jwt(
    issuer="https://id.example.com",
    audience=("jobs",),
    scope_prefix="jobs/",
    tenant_claim="org",
    every_tenant="*",
)


@pytest.mark.parametrize(
    ("claims", "caller"),
    [
        (
            {"org": "acme", "scope": "openid jobs/read jobs/write"},
            Caller(name="jwt:ada", scopes=frozenset({Scope.READ}), tenant="acme"),
        ),
        (
            {"org": "*", "scope": "[jobs/enqueue jobs/operate]"},
            Caller(name="jwt:ada", scopes=frozenset({Scope.ENQUEUE, Scope.OPERATE})),
        ),
        ({"org": "acme"}, Caller(name="jwt:ada", scopes=frozenset(), tenant="acme")),
        (
            {"org": "acme", "scope": "read"},
            Caller(name="jwt:ada", scopes=frozenset(), tenant="acme"),
        ),
        ({"scope": "jobs/read"}, None),
        ({"org": "", "scope": "jobs/read"}, None),
        ({"org": "two words", "scope": "jobs/read"}, None),
        ({"org": "acme", "sub": ""}, None),
    ],
)
def test_token_says_who_its_bearer_is(claims: dict[str, str], caller: Caller | None) -> None:
    assert identify(bearer(**claims), HttpSettings(jwt=JWT)) == caller


def test_role_is_nobody_where_tokens_are_asked_for() -> None:
    assert identify(iam(SESSION), HttpSettings(jwt=JWT)) is None
