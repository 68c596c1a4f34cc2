"""A stage as one would write it at first: it deploys, and breaks every relation."""

from datetime import timedelta

from aws_cdk.aws_logs import RetentionDays

from infra.settings import Stage
from tests.infra.cloud import Cloud, Template
from workerless.job_type import JobType
from workerless.payload import Payload


class Naive(Payload):
    """A job."""


_NAIVE = JobType(name="naive", payload=Naive, timeout=timedelta(seconds=60))

_RESOURCES = {
    "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "workerless-prod-naive-dead"}},
    "Queue": {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "QueueName": "workerless-prod-naive",
            "RedrivePolicy": {
                "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]},
                "maxReceiveCount": 1,
            },
        },
    },
    "Orphan": {"Type": "AWS::SQS::Queue", "Properties": {}},
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Statement": [
                    {"Principal": {"Service": ["lambda.amazonaws.com", "scheduler.amazonaws.com"]}}
                ]
            },
        },
    },
    "Policy": {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "Roles": [{"Ref": "Role"}],
            "PolicyDocument": {
                "Statement": [
                    {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
                    {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
                    {
                        "Effect": "Allow",
                        "Action": ["s3:ListBucket", "s3:GetObject"],
                        "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/payloads/other/*"],
                    },
                ]
            },
        },
    },
    "Function": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Timeout": 60,
            "ReservedConcurrentExecutions": 1,
            "Environment": {"Variables": {"API_TOKEN": "hunter2"}},
        },
    },
    "Other": {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
    },
    "Live": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Function"}}},
    "OtherLive": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Other"}}},
    "Mapping": {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
            "FunctionName": {"Ref": "Live"},
            "BatchSize": 100,
        },
    },
    "OrphanMapping": {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "EventSourceArn": {"Fn::GetAtt": ["Orphan", "Arn"]},
            "FunctionName": {"Ref": "OtherLive"},
        },
    },
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "MetricName": "NumberOfMessagesSent",
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0,
            "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["Dead", "QueueName"]}}],
        },
    },
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
    "Api": {
        "Type": "AWS::ApiGatewayV2::Api",
        "Properties": {"CorsConfiguration": {"AllowOrigins": ["*"]}},
    },
    "Gateway": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {}},
    "Everything": {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": {"RouteKey": "$default", "AuthorizationType": "NONE"},
    },
    "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}},
    "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
}

NAIVE = Cloud(
    stage=Stage(name="prod", keeps_data=True, log_retention=RetentionDays.ONE_WEEK),
    templates=[
        Template(
            name="naive",
            body={"Resources": _RESOURCES, "Outputs": {"Queue": {"Export": {"Name": "queue"}}}},
        )
    ],
    job_types=[_NAIVE],
)
