"""Relations about the HTTP API: who may call what."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from tests.infra.cloud import Cloud, listed, statements, text
from workerless.http.surface import ROUTES, TOKEN_ROUTE, Scope, webhook_path

ROUTE, POLICY = "AWS::ApiGatewayV2::Route", "AWS::IAM::ManagedPolicy"


def every_route_is_deployed_and_asks_who_calls(cloud: Cloud) -> Iterator[str]:
    """All but what the stage opens: a signature says whose it is, or a token."""
    open_ones = {f"POST {webhook_path(source)}" for source in cloud.stage.http.webhooks}
    open_ones |= {TOKEN_ROUTE} if cloud.stage.http.tokens else set()
    wanted = {route.key for route in ROUTES} | open_ones
    found = {route["RouteKey"]: route["AuthorizationType"] for _, _, route in cloud.each(ROUTE)}
    for key in wanted ^ found.keys():
        yield f"{key}: {'not deployed' if key in wanted else 'nobody answers it'}"
    for key, kind in found.items():
        if (kind == "NONE") != (key in open_ones):
            yield f"{key}: authorization {kind}"


def each_policy_allows_the_routes_of_its_scope_only(cloud: Cloud) -> Iterator[str]:
    """Wildcards of IAM go over slashes: each route is asked for as a caller would name it."""
    for scope in Scope:
        allowed = [
            text(resource).partition("/$default/")[2]
            for _, _, policy in cloud.each(POLICY)
            if f"--api-{scope.value}" in text(policy.get("ManagedPolicyName", ""))
            for statement in statements(policy)
            for resource in listed(statement["Resource"])
        ]
        for route in ROUTES:
            for name in (one.name for one in cloud.job_types):
                asked = f"{route.method}{route.with_parts(name)}"
                reaches = any(fnmatchcase(asked, one) for one in allowed)
                if reaches != (route.scope is scope):
                    yield f"{scope.value}: {asked} is {'' if reaches else 'not '}allowed"


def the_api_is_throttled_and_logs_no_query(cloud: Cloud) -> Iterator[str]:
    stages = [stage for _, _, stage in cloud.each("AWS::ApiGatewayV2::Stage")]
    for stage in stages:
        settings = stage.get("DefaultRouteSettings", {})
        log = text(stage.get("AccessLogSettings", {}).get("Format", ""))
        if not settings.get("ThrottlingRateLimit") or not settings.get("ThrottlingBurstLimit"):
            yield "the API is not throttled"
        if "$context.requestId" not in log or "$context.path" in log:
            yield "the access log says too little or too much"
    if len(stages) != 1:
        yield f"{len(stages)} stages of the API"


def no_page_of_others_may_call(cloud: Cloud) -> Iterator[str]:
    for _, name, api in cloud.each("AWS::ApiGatewayV2::Api"):
        origins = api.get("CorsConfiguration", {}).get("AllowOrigins", [])
        if list(origins) != list(cloud.stage.http.origins):
            yield f"{name}: open to {origins}"


API_RELATIONS = (
    every_route_is_deployed_and_asks_who_calls,
    each_policy_allows_the_routes_of_its_scope_only,
    the_api_is_throttled_and_logs_no_query,
    no_page_of_others_may_call,
)
