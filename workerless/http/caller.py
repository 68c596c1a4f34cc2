"""Who calls: API Gateway has found out, here it is read. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workerless.http.settings import CallerRule, HttpSettings, Jwt
from workerless.http.surface import Scope
from workerless.message import TENANT

_SESSION = re.compile(r"(arn:[\w-]+):sts:(:\d*):assumed-role/([^/]+)/.*")
_ROLE = re.compile(r"(arn:[\w-]+:iam::\d*:role)/(?:.*/)?([^/]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """``tenant`` is the only one whose jobs it may see; None may see all."""

    name: str
    scopes: frozenset[Scope]
    tenant: str | None = None


def identify(authorizer: Mapping[str, Any], settings: HttpSettings) -> Caller | None:
    """The caller that ``requestContext.authorizer`` tells of; None for one that is nobody here."""
    if settings.jwt is not None:
        claims = (authorizer.get("jwt") or {}).get("claims") or {}
        return _bearer(claims, settings.jwt)
    arn = (authorizer.get("iam") or {}).get("userArn")
    if not isinstance(arn, str) or not arn:
        return None
    name = role_of(arn)
    rules = {role_of(known): rule for known, rule in settings.callers.items()}
    rule = rules.get(name) or rules.get("*") or CallerRule()
    return Caller(name=arn, scopes=rule.scopes, tenant=rule.tenant)


def role_of(arn: str) -> str:
    """The role of a session, or the role, both without a path; any other ARN as it is.

    The ARN of a session does not tell the path of its role.
    """
    if session := _SESSION.fullmatch(arn):
        partition, account, role = session.groups()
        return f"{partition}:iam:{account}:role/{role}"
    if role := _ROLE.fullmatch(arn):
        return "/".join(role.groups())
    return arn


def _bearer(claims: Mapping[str, Any], jwt: Jwt) -> Caller | None:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        return None
    # API Gateway writes a list as [one two].
    words = str(claims.get(jwt.scope_claim) or "").strip("[]").split()
    scopes = frozenset(one for one in Scope if f"{jwt.scope_prefix}{one.value}" in words)
    tenant = None
    if jwt.tenant_claim is not None:
        tenant = claims.get(jwt.tenant_claim)
        if not isinstance(tenant, str) or not TENANT.fullmatch(tenant):
            return None
        if tenant == jwt.every_tenant:
            tenant = None
    return Caller(name=f"jwt:{subject}", scopes=scopes, tenant=tenant)
