"""A new version of a worker gets a tenth of the batches first, and is judged by what it does."""

from aws_cdk import CfnCodeDeployLambdaAliasUpdate, CfnUpdatePolicy, Stack
from aws_cdk.aws_codedeploy import CfnDeploymentGroup
from aws_cdk.aws_lambda import Alias, CfnAlias, Function
from aws_cdk.aws_logs import FilterPattern, ILogGroup, MetricFilter
from constructs import Construct

from infra.alarms import release_rows
from infra.alarms.row import Place
from infra.alarms.system_alarms import SystemAlarms
from infra.settings import Stage
from workerless import metric, naming

NAMESPACE = f"{metric.NAMESPACE}/Releases"
_CANARY = "CodeDeployDefault.LambdaCanary10Percent5Minutes"
_BACK = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]


class Gradual(Construct):
    """CloudFormation has CodeDeploy move the alias, and goes back with it.

    Alarms come before the group that asks them, and that before the alias: they watch the new
    version when it gets its first batch.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        function: Function,
        live: Alias,
        log_group: ILogGroup,
        stage: Stage,
    ) -> None:
        """``name`` is the function's."""
        super().__init__(scope, construct_id)
        self._name, version = name, function.current_version.version
        self._count(log_group)
        rows = [release_rows.crashes("version"), release_rows.failures("lines", "version", name)]
        alarms = SystemAlarms(
            self,
            "Alarms",
            stage=stage,
            prefix=name,
            title=f"Release of {name}",
            rows=rows,
            places={
                "version": Place(
                    namespace="AWS/Lambda",
                    dimensions={
                        "FunctionName": name,
                        "Resource": f"{name}:{naming.LIVE}",
                        "ExecutedVersion": version,
                    },
                ),
                "lines": Place(namespace=NAMESPACE, dimensions={"version": version}),
            },
        )
        self.group = self._group(stage, [f"{name}-{row.full_name}" for row in rows])
        self.group.node.add_dependency(alarms)
        self._move(live)

    def _count(self, log_group: ILogGroup) -> None:
        """By version, which is no dimension of our own metrics: each would be thirteen new ones."""
        for what, pattern in (
            ("failed", FilterPattern.number_value(f"$.{metric.JOBS_FAILED}", "=", 1)),
            ("ended", FilterPattern.number_value(f"$.{metric.JOB_ATTEMPTS}", ">=", 0)),
            ("retried", FilterPattern.number_value(f"$.{metric.JOBS_RETRIED}", "=", 1)),
        ):
            MetricFilter(
                self,
                what.capitalize(),
                log_group=log_group,
                filter_pattern=pattern,
                metric_namespace=NAMESPACE,
                metric_name=release_rows.counted(self._name, what),
                dimensions={"version": "$.function_version"},
            )

    def _group(self, stage: Stage, alarms: list[str]) -> CfnDeploymentGroup:
        stack = Stack.of(self)
        role = stack.format_arn(
            service="iam",
            region="",
            resource="role",
            resource_name=naming.release_role(stage.name, stack.region),
        )
        return CfnDeploymentGroup(
            self,
            "Group",
            application_name=naming.releases(stage.name),
            deployment_group_name=self._name,
            service_role_arn=role,
            deployment_config_name=_CANARY,
            deployment_style=CfnDeploymentGroup.DeploymentStyleProperty(
                deployment_type="BLUE_GREEN", deployment_option="WITH_TRAFFIC_CONTROL"
            ),
            alarm_configuration=CfnDeploymentGroup.AlarmConfigurationProperty(
                enabled=True,
                alarms=[CfnDeploymentGroup.AlarmProperty(name=one) for one in alarms],
            ),
            auto_rollback_configuration=CfnDeploymentGroup.AutoRollbackConfigurationProperty(
                enabled=True, events=_BACK
            ),
        )

    def _move(self, live: Alias) -> None:
        alias = live.node.default_child
        if isinstance(alias, CfnAlias):
            alias.cfn_options.update_policy = CfnUpdatePolicy(
                code_deploy_lambda_alias_update=CfnCodeDeployLambdaAliasUpdate(
                    application_name=self.group.application_name,
                    deployment_group_name=self._name,
                )
            )
            alias.add_resource_dependency(self.group)
