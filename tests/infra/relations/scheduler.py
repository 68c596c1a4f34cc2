"""Relations about EventBridge Scheduler, which acts in roles that others pass to it."""

from collections.abc import Iterator

from tests.infra.cloud import ROLE, Cloud, listed, statements, text
from workerless import naming


def the_scheduler_is_trusted_for_one_group_only(cloud: Cloud) -> Iterator[str]:
    """It acts for anybody who may pass it a role; what it names as source is the group."""
    for _, name, role in cloud.each(ROLE):
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            if "scheduler" not in str(statement["Principal"]):
                continue
            condition = statement.get("Condition", {})
            source = text(condition.get("ArnEquals", {}).get("aws:SourceArn", "*"))
            if "aws:SourceAccount" not in condition.get("StringEquals", {}) or "*" in source:
                yield f"{name}: any schedule may use it"
            elif ":schedule-group/" not in source:
                yield f"{name}: Scheduler never acts for {source}"


def roles_are_passed_to_scheduler_only(cloud: Cloud) -> Iterator[str]:
    """Who may pass a role to anything may do what it may."""
    for _, name, policy in cloud.each("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for statement in statements(policy):
            if not {"iam:PassRole", "iam:*", "*"} & set(listed(statement["Action"])):
                continue
            to = statement.get("Condition", {}).get("StringEquals", {}).get("iam:PassedToService")
            passed = {text(one).rpartition("/")[2] for one in listed(statement["Resource"])}
            ours = naming.tick_role(cloud.stage.name, "")
            if to != "scheduler.amazonaws.com" or not all(one.startswith(ours) for one in passed):
                yield f"{name}: passes {passed} to {to or 'anything'}"


SCHEDULER_RELATIONS = (
    the_scheduler_is_trusted_for_one_group_only,
    roles_are_passed_to_scheduler_only,
)
