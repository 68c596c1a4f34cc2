"""What system functions may do that serve all job types of a stage, those of tomorrow too.

Each job type is a stack of its own that core does not know: wildcards begin after the stage's
prefix.
"""

from aws_cdk import ArnFormat, Stack
from aws_cdk.aws_iam import PolicyStatement, Role

from infra.settings import Stage
from workerless import naming


def bucket_of(stage: Stage, stack: Stack) -> str:
    """The name of the stage's bucket."""
    return naming.bucket(stage.name, stack.account, stack.region)


def grant_operating(role: Role, stage: Stage, stack: Stack) -> None:
    """Search the stage's records, write what an operator decides, and find the stage's bucket."""
    table = stack.format_arn(
        service="dynamodb", resource="table", resource_name=naming.table(stage.name)
    )
    core = stack.format_arn(
        service="ssm",
        resource="parameter",
        resource_name=naming.core_parameter(stage.name).removeprefix("/"),
    )
    for sid, actions, resources in (
        (
            "Search",
            ["dynamodb:Query"],
            [table, f"{table}/index/due", f"{table}/index/by_state"],
        ),
        (
            "Records",
            [
                "dynamodb:BatchGetItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
                # A unique job is put on condition that the one before is as it was.
                "dynamodb:ConditionCheckItem",
                # The same in batches.
                "dynamodb:PartiQLInsert",
                "dynamodb:PartiQLUpdate",
                "dynamodb:PartiQLDelete",
            ],
            [table],
        ),
        ("Stage", ["ssm:GetParameter"], [core]),
    ):
        role.add_to_policy(PolicyStatement(sid=sid, actions=actions, resources=resources))


def grant_switching(role: Role, stage: Stage, stack: Stack) -> None:
    """Switch the mappings of the stage's functions on and off, and no others."""
    mappings = stack.format_arn(
        service="lambda",
        resource="event-source-mapping",
        resource_name="*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    functions = stack.format_arn(
        service="lambda",
        resource="function",
        resource_name=naming.resource(stage.name, "*"),
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    role.add_to_policy(
        PolicyStatement(
            sid="Switch",
            actions=["lambda:UpdateEventSourceMapping"],
            resources=[mappings],
            conditions={"ArnLike": {"lambda:FunctionArn": functions}},
        )
    )
    # It knows no resources.
    role.add_to_policy(
        PolicyStatement(sid="Mappings", actions=["lambda:ListEventSourceMappings"], resources=["*"])
    )


def grant_looking_at_ages(role: Role) -> None:
    """How old the oldest messages of queues are, by which bounds are moved."""
    # It knows no resources.
    role.add_to_policy(
        PolicyStatement(sid="Ages", actions=["cloudwatch:GetMetricStatistics"], resources=["*"])
    )


def grant_every_job_type(role: Role, stage: Stage, stack: Stack) -> None:
    """Send jobs, tend dead letters, archive them, keep the payloads that they refer to."""
    queues = stack.format_arn(service="sqs", resource=naming.resource(stage.name, "*"))
    dead = stack.format_arn(service="sqs", resource=naming.dead_letter_queue(stage.name, "*"))
    bucket = stack.format_arn(service="s3", region="", account="", resource=bucket_of(stage, stack))
    path = naming.job_type_parameters(stage.name).removeprefix("/")
    parameters = stack.format_arn(service="ssm", resource="parameter", resource_name=path)
    for sid, actions, resources in (
        ("Send", ["sqs:SendMessage", "sqs:GetQueueAttributes"], [queues]),
        (
            "DeadLetters",
            ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
            [dead],
        ),
        (
            "Archive",
            ["s3:PutObject", "s3:PutObjectTagging", "s3:GetObjectTagging"],
            [f"{bucket}/{naming.ARCHIVE}/*"],
        ),
        # Keeping a payload as long as its letter is another tag.
        (
            "Payloads",
            ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging"],
            [f"{bucket}/payloads/*"],
        ),
        ("Find", ["ssm:GetParameter"], [f"{parameters}/*"]),
        ("FindAll", ["ssm:GetParametersByPath"], [parameters]),
    ):
        role.add_to_policy(PolicyStatement(sid=sid, actions=actions, resources=resources))
    # Without it S3 does not tell a payload that is gone from one that is not ours to keep.
    role.add_to_policy(
        PolicyStatement(
            sid="Missing",
            actions=["s3:ListBucket"],
            resources=[bucket],
            conditions={"StringLike": {"s3:prefix": "payloads/*"}},
        )
    )
