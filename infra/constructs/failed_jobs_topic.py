"""The topic that tells people of failed jobs, where a stage wants it: the sweeper writes to it."""

from aws_cdk import Stack
from aws_cdk.aws_sns import Topic
from aws_cdk.aws_sns_subscriptions import EmailSubscription
from constructs import Construct

from infra.constructs.sweeper import Sweeper
from infra.settings import FailedJobs, Stage
from workerless import naming
from workerless.environment import ALERT_JOB_TYPES, ALERT_LINK, ALERT_TOPIC


class FailedJobsTopic(Construct):
    """TLS only. The sweeper may publish, and look for what failed."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        told: FailedJobs,
        sweeper: Sweeper,
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = Topic(
            self, "Topic", topic_name=naming.failed_jobs_topic(stage.name), enforce_ssl=True
        )
        if told.email:
            self.topic.add_subscription(EmailSubscription(told.email))
        stack = Stack.of(self)
        name = naming.failed_jobs_topic(stage.name)
        sweeper.allow("Tell", ("sns:Publish",), stack.format_arn(service="sns", resource=name))
        table = stack.format_arn(
            service="dynamodb", resource="table", resource_name=naming.table(stage.name)
        )
        sweeper.allow("Failed", ("dynamodb:Query",), f"{table}/index/by_state")
        variables = {
            ALERT_TOPIC: self.topic.topic_arn,
            ALERT_JOB_TYPES: ",".join(told.job_types),
            ALERT_LINK: told.link or "",
        }
        for name, value in variables.items():
            if value:
                sweeper.function.add_environment(name, value)
