"""API Gateway before the function: routes, who may call them, throttling, the access log."""

import json

from aws_cdk import Stack
from aws_cdk.aws_apigatewayv2 import CfnApi, CfnAuthorizer, CfnIntegration, CfnRoute, CfnStage
from aws_cdk.aws_iam import ServicePrincipal
from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from infra.retention import removal_policy
from infra.settings import Stage
from workerless import naming
from workerless.http.surface import ROUTES, TOKEN_ROUTE, Route, webhook_path

# Neither query strings nor headers: filters may hold what a log must not.
_LOGGED = {
    "request_id": "$context.requestId",
    "route": "$context.routeKey",
    "status": "$context.status",
    "caller": "$context.identity.userArn",
    "ip": "$context.identity.sourceIp",
    "time": "$context.requestTime",
    "latency_ms": "$context.responseLatency",
    "error": "$context.error.message",
}
# What a caller signs with, or brings as a token.
_SIGNED = ("authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token")


class Gateway(Construct):
    """HTTP API, routes, authorizer and stage. What has no route is 404 before it costs anything."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, function: IFunction
    ) -> None:
        super().__init__(scope, construct_id)
        name = naming.api(stage.name)
        self.api = CfnApi(
            self,
            "Api",
            name=name,
            protocol_type="HTTP",
            description=f"Workerless, stage {stage.name}: jobs over HTTP",
            cors_configuration=_cors(stage),
        )
        self.integration = CfnIntegration(
            self,
            "Integration",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=function.function_arn,
            payload_format_version="2.0",
        )
        self._authorizer = self._jwt(stage)
        self.routes = [self._route(route) for route in ROUTES]
        opened = [f"POST {webhook_path(source)}" for source in sorted(stage.http.webhooks)]
        self.opened = [self._open(key) for key in [*opened, *_tokens(stage)]]
        self.stage = self._stage(stage)
        function.add_permission(
            "Gateway",
            principal=ServicePrincipal("apigateway.amazonaws.com"),
            source_arn=self.arn("*/*"),
        )

    @property
    def endpoint(self) -> str:
        return self.api.attr_api_endpoint

    def arn(self, below: str) -> str:
        """Of what callers invoke: ``<stage>/<method>/<path>``."""
        return Stack.of(self).format_arn(
            service="execute-api", resource=self.api.ref, resource_name=below
        )

    def _jwt(self, stage: Stage) -> CfnAuthorizer | None:
        jwt = stage.http.jwt
        if jwt is None:
            return None
        return CfnAuthorizer(
            self,
            "Tokens",
            api_id=self.api.ref,
            authorizer_type="JWT",
            name="tokens",
            identity_source=["$request.header.Authorization"],
            jwt_configuration=CfnAuthorizer.JWTConfigurationProperty(
                issuer=jwt.issuer, audience=list(jwt.audience)
            ),
        )

    def _route(self, route: Route) -> CfnRoute:
        return CfnRoute(
            self,
            _construct_id(route.key),
            api_id=self.api.ref,
            route_key=route.key,
            target=f"integrations/{self.integration.ref}",
            authorization_type="JWT" if self._authorizer else "AWS_IAM",
            authorizer_id=self._authorizer.ref if self._authorizer else None,
        )

    def _open(self, key: str) -> CfnRoute:
        return CfnRoute(
            self,
            _construct_id(key),
            api_id=self.api.ref,
            route_key=key,
            target=f"integrations/{self.integration.ref}",
            authorization_type="NONE",  # the function looks at the signature, or the token
        )

    def _stage(self, stage: Stage) -> CfnStage:
        log = LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/apigateway/{naming.api(stage.name)}",
            retention=stage.log_retention,
            removal_policy=removal_policy(stage),
        )
        return CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=CfnStage.AccessLogSettingsProperty(
                destination_arn=log.log_group_arn, format=json.dumps(_LOGGED)
            ),
            default_route_settings=CfnStage.RouteSettingsProperty(
                detailed_metrics_enabled=True,
                throttling_burst_limit=stage.http.burst,
                throttling_rate_limit=stage.http.rate,
            ),
        )


def _tokens(stage: Stage) -> list[str]:
    return [TOKEN_ROUTE] if stage.http.tokens else []


def _cors(stage: Stage) -> CfnApi.CorsProperty | None:
    """Closed unless the stage names pages: then a browser lets those call."""
    origins = list(stage.http.origins)
    return (
        CfnApi.CorsProperty(
            allow_origins=origins,
            allow_methods=sorted({route.method for route in ROUTES}),
            allow_headers=[
                "content-type",
                "idempotency-key",
                "traceparent",
                "x-correlation-id",
                *_SIGNED,
            ],
            max_age=600,
        )
        if origins
        else None
    )


def _construct_id(key: str) -> str:
    """``POST /jobs/{job_id}/cancel`` as PostJobsJobIdCancel."""
    words = "".join(one if one.isalnum() else " " for one in key)
    return "".join(word.capitalize() for word in words.split())
