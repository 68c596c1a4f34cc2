"""Relations about who may do what, and how it is reached."""

import re
from collections.abc import Iterator
from typing import Any

from infra.lane import queue_names
from tests.infra.cloud import (
    BUCKET,
    FUNCTION,
    MAPPING,
    QUEUE,
    ROLE,
    Cloud,
    Properties,
    Template,
    listed,
    statements,
    target,
    text,
)
from workerless import Tracking, limits, naming
from workerless.data_ref import error_prefix, payload_prefix, result_prefix
from workerless.http.surface import ROUTES


def everything_is_reached_by_tls_only(cloud: Cloud) -> Iterator[str]:
    policies = {QUEUE: "Queues", BUCKET: "Bucket", "AWS::SNS::Topic": "Topics"}
    for template in cloud.templates:
        closed = {
            target(one)
            for kind, field in policies.items()
            for _, policy in template.of(f"{kind}Policy")
            if any(_denies_plain_text(statement) for statement in statements(policy))
            for one in listed(policy[field])
        }
        for name, _ in template.of(*policies):
            if name not in closed:
                yield f"{name}: plain text is not refused"


def _denies_plain_text(statement: Properties) -> bool:
    insecure = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return bool(statement["Effect"] == "Deny" and insecure == "false")


def everything_is_encrypted_and_private(cloud: Cloud) -> Iterator[str]:
    for _, name, queue in cloud.each(QUEUE):
        if not queue.get("SqsManagedSseEnabled"):
            yield f"{name}: not encrypted"
    for _, name, bucket in cloud.each(BUCKET):
        block = bucket.get("PublicAccessBlockConfiguration", {})
        if "BucketEncryption" not in bucket or sum(block.values()) != len(block) or len(block) != 4:
            yield f"{name}: not encrypted, or not private"


def each_function_has_a_role_of_its_own(cloud: Cloud) -> Iterator[str]:
    for template in cloud.templates:
        roles = [target(function["Role"]) for _, function in template.of(FUNCTION)]
        for name in {role for role in roles if roles.count(role) > 1 or not role}:
            yield f"{name or template.name}: a role of several functions"


# CodeDeploy moves aliases.
_PRINCIPALS = ("lambda", "scheduler", "codedeploy")


def each_role_has_one_principal(cloud: Cloud) -> Iterator[str]:
    for _, name, role in cloud.each(ROLE):
        principals = [
            principal
            for statement in role["AssumeRolePolicyDocument"]["Statement"]
            for kind in listed(statement["Principal"])
            for principal in (
                listed(kind.get("Service", kind)) if isinstance(kind, dict) else [kind]
            )
        ]
        if principals not in ([f"{one}.amazonaws.com"] for one in _PRINCIPALS):
            yield f"{name}: trusts {principals}"


# Lists that IAM can only allow as a whole.
_WITHOUT_RESOURCES = {
    "lambda:ListEventSourceMappings",
    "cloudwatch:DescribeAlarms",
    "scheduler:ListSchedules",
}


def rights_are_exact(cloud: Cloud) -> Iterator[str]:
    """No wildcard but those that a job type declares within an ARN, and those of whole stages."""
    declared = declared_wildcards(cloud) | _wildcards_of_the_stage(cloud) | _own_files(cloud)
    for _, name, policy in cloud.each("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for statement in statements(policy):
            actions = listed(statement["Action"])
            rights = actions + [text(one) for one in _resources(statement)]
            if set(actions) <= _WITHOUT_RESOURCES or _is_for_own_mappings(statement, cloud):
                continue
            for right in rights:
                if "*" in right and _ending(right) not in declared:
                    yield f"{name}: {right}"
    for _, name, role in cloud.each(ROLE):
        if role.get("ManagedPolicyArns"):
            yield f"{name}: a managed policy is written for everybody"


def _is_for_own_mappings(statement: Properties, cloud: Cloud) -> bool:
    """A mapping has no name of ours: the functions that it may call are what bounds the right."""
    (action, *more) = listed(statement["Action"])
    bound = statement.get("Condition", {}).get("ArnLike", {}).get("lambda:FunctionArn", "")
    ours = f":function:{naming.resource(cloud.stage.name, '*')}"
    return (
        (action, more) == ("lambda:UpdateEventSourceMapping", [])
        and all(text(one).endswith(":event-source-mapping:*") for one in _resources(statement))
        and text(bound).endswith(ours)
    )


def _wildcards_of_the_stage(cloud: Cloud) -> set[str]:
    """Every queue of the stage, every parameter of a job type, and every file of jobs.

    The function of the HTTP API has them too, and its callers the routes with names in them.
    """
    stage = cloud.stage.name
    return {
        "results/*",
        "errors/*",
        *(f"$default/{route.method}{route.with_parts('*')}" for route in ROUTES),
        naming.resource(stage, "*"),
        naming.dead_letter_queue(stage, "*"),
        naming.job_type_parameter(stage, "*").removeprefix("/"),
        "payloads/*",
        f"{naming.ARCHIVE}/*",
        f"{naming.dynamic_schedule_group(stage)}/*",
    }


def _own_files(cloud: Cloud) -> set[str]:
    prefixes = (payload_prefix, result_prefix, error_prefix)
    return {f"{prefix(one.name)}*" for one in cloud.job_types for prefix in prefixes}


def declared_wildcards(cloud: Cloud) -> set[str]:
    return {
        _ending(resource)
        for job_type in cloud.job_types
        for allow in job_type.permissions
        for resource in allow.resources
        if "*" in resource
    }


def _ending(arn: str) -> str:
    """The part of an ARN below its bucket or account: what is filled in before it differs."""
    name = arn.rsplit(":", 1)[-1]
    return name.partition("/")[2] or name


def _resources(statement: Properties) -> list[Any]:
    return listed(statement["Resource"])


def rights_reach_no_other_job_type(cloud: Cloud) -> Iterator[str]:
    for template, name, policy in cloud.each("AWS::IAM::Policy"):
        # A pool names other stacks' queues, its members'; who enqueues for others declares theirs.
        own = {queue for one in cloud.job_types_of(template) for queue in cloud.queues_of(one)}
        own |= cloud.queues_fed_by(template) | _queues_of_children(template, cloud)
        for statement in statements(policy):
            for resource in _resources(statement):
                if (
                    "sqs:" in str(statement["Action"])
                    and _ending(text(resource)) not in _wildcards_of_the_stage(cloud)
                    and target(resource) not in template.body["Resources"]
                    and _ending(text(resource)) not in _queues_to_wake(template, cloud)
                    and _ending(text(resource)) not in own | _queues_of_the_stage(cloud)
                ):
                    yield f"{name}: queue {text(resource)} is not of this stack"


def _queues_of_the_stage(cloud: Cloud) -> set[str]:
    """Where schedules of all job types send their ticks, and members' workers their orders."""
    stage = cloud.stage.name
    ticks = {f"{naming.ticks_queue(stage)}{end}" for end in ("", "-dead")}
    return ticks | {naming.workflows_queue(stage)}


def _queues_of_children(template: Template, cloud: Cloud) -> set[str]:
    """Those of the job types for which the template's own declare that they enqueue."""
    own = cloud.job_types_of(template)
    children = {child for one in cloud.job_types if one.name in own for child in one.children}
    return {queue for child in children for queue in cloud.queues_of(child)}


def _queues_to_wake(template: Template, cloud: Cloud) -> set[str]:
    """Those of the job types that a concurrency key counts together with the template's own."""
    own = cloud.job_types_of(template)
    rules = [one.concurrency_key for one in cloud.job_types if one.name in own]
    groups = {rule.group for rule in rules if rule is not None and rule.group is not None}
    return {
        name
        for one in cloud.job_types
        if one.concurrency_key is not None and one.concurrency_key.group in groups
        for name in queue_names(one, cloud.stage)
    }


def workers_reach_records_where_jobs_have_some(cloud: Cloud) -> Iterator[str]:
    for template, name, mapping in cloud.each(MAPPING):
        stack, logical_id = cloud.function_of(template, mapping)
        owner = cloud.declared(template.properties(mapping["EventSourceArn"]))
        members = cloud.job_types_of(stack)
        run = [one for one in cloud.job_types if one is owner or one.name in members]
        role = target(stack.resource(logical_id)["Properties"]["Role"])
        reaches = any(
            text(resource).endswith(f":table/{naming.table(cloud.stage.name)}")
            for _, policy in stack.of("AWS::IAM::Policy")
            if role in map(target, policy["Roles"])
            for statement in statements(policy)
            for resource in _resources(statement)
        )
        if run and reaches != any(one.tracking is not Tracking.OFF for one in run):
            yield f"{name}: its worker {'writes' if reaches else 'cannot write'} records"


def the_function_starts_with_its_rights(cloud: Cloud) -> Iterator[str]:
    """Else the mapping is refused on a first deployment, sometimes."""
    for template, name, mapping in cloud.each(MAPPING):
        stack, logical_id = cloud.function_of(template, mapping)
        function = stack.resource(logical_id)
        role = target(function["Properties"]["Role"])
        policies = [
            policy
            for policy, properties in stack.of("AWS::IAM::Policy")
            if role in map(target, properties["Roles"])
        ]
        if not policies or not set(policies) <= set(function.get("DependsOn", [])):
            yield f"{name}: may be made before its role's policy"


def environments_are_small_and_hold_no_secret(cloud: Cloud) -> Iterator[str]:
    secret = re.compile(r"SECRET|PASSWORD|TOKEN|CREDENTIAL|API_?KEY|PRIVATE")
    for _, name, function in cloud.each(FUNCTION):
        variables = function.get("Environment", {}).get("Variables", {})
        size = sum(len(key) + len(text(value).encode()) for key, value in variables.items())
        if size > limits.MAX_ENVIRONMENT_BYTES:
            yield f"{name}: {size} bytes of environment"
        for key, value in variables.items():
            # A secret is named by its parameter's path or ARN, and read at run time.
            if secret.search(key) and not text(value).startswith(("/", "arn:")):
                yield f"{name}: {key} looks like a secret"


ACCESS_RELATIONS = (
    everything_is_reached_by_tls_only,
    everything_is_encrypted_and_private,
    each_function_has_a_role_of_its_own,
    each_role_has_one_principal,
    rights_are_exact,
    rights_reach_no_other_job_type,
    workers_reach_records_where_jobs_have_some,
    the_function_starts_with_its_rights,
    environments_are_small_and_hold_no_secret,
)
