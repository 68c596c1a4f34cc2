"""What calls of AWS need, as pairs of action and resource, and what a role's policy gives.

An emulator refuses nothing, so its calls are written down and held against the template.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from tests.infra.cloud import FUNCTION, Cloud, listed, statements, target, text

# A right: an action, and the resource's name below account and region.
type Right = tuple[str, str]

_PSEUDO = {
    "<AWS::Partition>": "aws",
    "<AWS::AccountId>": "000000000000",
    "<AWS::Region>": "us-east-1",
}
_VERBS = {"INSERT": "PartiQLInsert", "UPDATE": "PartiQLUpdate", "DELETE": "PartiQLDelete"}


@contextmanager
def written_down() -> Iterator[set[Right]]:
    """The rights that every call needs, from here to the end."""
    needed: set[Right] = set()
    call = BaseClient._make_api_call  # type: ignore[attr-defined] # noqa: SLF001 -- its one door

    def noted(self: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        if service != "sts":  # everybody may ask who they are
            needed.update(_needed(service, operation, parameters))
        return call(self, operation, parameters)

    with patch.object(BaseClient, "_make_api_call", noted):
        yield needed


def granted(cloud: Cloud, function: str) -> set[Right]:
    """What the role of the function with this name may do."""
    return {
        (action, name_in(text(resource)))
        for template, _, properties in cloud.each(FUNCTION)
        if properties.get("FunctionName") == function
        for _, policy in template.of("AWS::IAM::Policy")
        if target(properties["Role"]) in map(target, policy["Roles"])
        for statement in statements(policy)
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def missing(needed: set[Right], given: set[Right]) -> set[Right]:
    """What was needed and not given."""
    return {
        (action, name)
        for action, name in needed
        if not any(action == one and fnmatchcase(name, pattern) for one, pattern in given)
    }


def name_in(arn: str) -> str:
    """What stands below account and region."""
    for pseudo, value in _PSEUDO.items():
        arn = arn.replace(pseudo, value)
    return arn.split(":", 5)[-1]


def _needed(service: str, operation: str, told: Mapping[str, Any]) -> set[Right]:
    match service:
        case "dynamodb":
            return _of_table(operation, told)
        case "sqs":
            queue = told.get("QueueUrl", "*")  # lists know no resource
            return {(f"sqs:{operation.removesuffix('Batch')}", queue.rpartition("/")[2])}
        case "s3":
            return _of_bucket(operation, told)
        case "ssm":
            return {(f"ssm:{operation}", f"parameter{told.get('Name') or told.get('Path')}")}
        case "scheduler":
            return _of_scheduler(operation, told)
        case "lambda" | "cloudwatch" | "logs" | "sns":
            return {_of_others(service, operation, told)}
    raise LookupError(f"which right {service} {operation} needs is not known here")


def _of_others(service: str, operation: str, told: Mapping[str, Any]) -> Right:
    match operation:
        case "Invoke":
            return "lambda:InvokeFunction", f"function:{told['FunctionName']}:{told['Qualifier']}"
        case "ListSubscriptionsByTopic" | "Publish":
            return f"sns:{operation}", told["TopicArn"].rpartition(":")[2]
        case "UpdateEventSourceMapping":
            return f"lambda:{operation}", f"event-source-mapping:{told['UUID']}"
        case _ if operation.startswith("GetFunction"):
            return f"lambda:{operation}", f"function:{told['FunctionName']}"
        case _:  # lists, which know no resource
            return f"{service}:{operation}", "*"


def _of_scheduler(operation: str, told: Mapping[str, Any]) -> set[Right]:
    if operation == "ListSchedules":  # knows no resource
        return {(f"scheduler:{operation}", "*")}
    entry = {
        (f"scheduler:{operation}", f"schedule/{told.get('GroupName', 'default')}/{told['Name']}")
    }
    role = told.get("Target", {}).get("RoleArn", "").split(":", 5)[-1]
    return entry | ({("iam:PassRole", role)} if role else set())


def _of_table(operation: str, told: Mapping[str, Any]) -> set[Right]:
    if operation == "BatchExecuteStatement":
        spoken = [one["Statement"] for one in told["Statements"]]
        return {(f"dynamodb:{_VERBS[one.split()[0]]}", f"table/{_table_in(one)}") for one in spoken}
    if operation == "BatchGetItem":
        return {("dynamodb:BatchGetItem", f"table/{name}") for name in told["RequestItems"]}
    if operation == "TransactWriteItems":
        steps = [(kind, step) for one in told["TransactItems"] for kind, step in one.items()]
        return {(f"dynamodb:{kind}Item", f"table/{step['TableName']}") for kind, step in steps}
    index = f"/index/{told['IndexName']}" if "IndexName" in told else ""
    return {(f"dynamodb:{operation}", f"table/{told['TableName']}{index}")}


def _table_in(statement: str) -> str:
    found = re.search(r'"([\w.-]+)"', statement)
    assert found is not None
    return found[1]


def _of_bucket(operation: str, told: Mapping[str, Any]) -> set[Right]:
    if operation == "ListObjectsV2":
        return {("s3:ListBucket", told["Bucket"])}
    action = {"HeadObject": "GetObject"}.get(operation, operation)
    name = f"{told['Bucket']}/{told['Key']}"
    tagged = {("s3:PutObjectTagging", name)} if "Tagging" in told else set()
    return {(f"s3:{action}", name)} | tagged
