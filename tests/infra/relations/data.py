"""Relations about what stays, what goes, and under which name it is found."""

import json
from collections.abc import Iterator
from typing import Any

from tests.infra.cloud import ALARM, BUCKET, FUNCTION, QUEUE, ROLE, TABLES, Cloud, target, text
from workerless import limits, naming
from workerless.lifetime import KEEP_DAYS, KEEP_TAG
from workerless.sensitive import paths_of


def data_is_protected(cloud: Cloud) -> Iterator[str]:
    keeps = cloud.stage.keeps_data
    kept = {"Retain", "RetainExceptOnCreate"} if keeps else {"Delete"}
    for template, name, _ in cloud.each(QUEUE, BUCKET, *TABLES, "AWS::Logs::LogGroup"):
        resource = template.resource(name)
        policies = {resource.get(key) for key in ("DeletionPolicy", "UpdateReplacePolicy")}
        if not policies <= kept:
            yield f"{name}: {policies}"
    for _, name, table in cloud.each(*TABLES):
        for replica in table.get("Replicas", [table]):
            recovery = replica.get("PointInTimeRecoverySpecification", {})
            if not recovery.get("PointInTimeRecoveryEnabled"):
                yield f"{name}: no point in time recovery"
            if replica.get("DeletionProtectionEnabled", False) is not keeps:
                yield f"{name}: deletion protection must be {keeps}"


def stacks_with_data_stay(cloud: Cloud) -> Iterator[str]:
    """No deletion of a stack takes jobs that wait, or records, with it."""
    keeps = cloud.stage.keeps_data
    for template in cloud.templates:
        holds = any(template.of(QUEUE, *TABLES))
        if holds and (template.name in cloud.undeletable) is not keeps:
            yield f"{template.name}: termination protection must be {keeps}"


def records_expire(cloud: Cloud) -> Iterator[str]:
    for _, name, table in cloud.each(*TABLES):
        ttl = table.get("TimeToLiveSpecification", {})
        if (ttl.get("Enabled"), ttl.get("AttributeName")) != (True, "expires_at"):
            yield f"{name}: records would stay for ever"
        if table.get("BillingMode") != "PAY_PER_REQUEST":
            yield f"{name}: capacity must be on demand"


def files_go_by_their_tag(cloud: Cloud) -> Iterator[str]:
    """Each class that a file may be put into has its rule, and no rule reaches an untagged file."""
    for _, name, bucket in cloud.each(BUCKET):
        rules = [
            (rule.get("TagFilters"), rule["ExpirationInDays"])
            for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", [])
            if rule["Status"] == "Enabled" and "ExpirationInDays" in rule
        ]
        wanted = [([{"Key": KEEP_TAG, "Value": str(days)}], days) for days in KEEP_DAYS]
        if rules != wanted:
            yield f"{name}: files must go by the rules {wanted}, got {rules}"


def logs_end(cloud: Cloud) -> Iterator[str]:
    for template, name, function in cloud.each(FUNCTION):
        group = function.get("LoggingConfig", {}).get("LogGroup", {})
        if not target(group) or not template.properties(group).get("RetentionInDays"):
            yield f"{name}: its log has no end"


def stacks_do_not_lock_each_other(cloud: Cloud) -> Iterator[str]:
    for template in cloud.templates:
        exports = [out for out in template.body.get("Outputs", {}).values() if "Export" in out]
        if exports or "Fn::ImportValue" in json.dumps(template.body):
            yield f"{template.name}: exports or imports"


def names_fit_and_are_found(cloud: Cloud) -> Iterator[str]:
    longest = {
        (QUEUE, "QueueName"): limits.MAX_QUEUE_NAME_LENGTH,
        (FUNCTION, "FunctionName"): limits.MAX_FUNCTION_NAME_LENGTH,
        (ALARM, "AlarmName"): 255,
        ("AWS::SNS::Topic", "TopicName"): 256,
        ("AWS::SSM::Parameter", "Name"): 1_011,
    }
    for (kind, field), length in longest.items():
        for template, name, properties in cloud.each(kind):
            given = properties.get(field, "")
            if not 0 < len(given) <= length or cloud.stage.name not in given:
                yield f"{template.name} {name}: {field} {given!r}"


def every_part_says_whose_it_is(cloud: Cloud) -> Iterator[str]:
    for template, name, properties in cloud.each(QUEUE, FUNCTION, BUCKET, ROLE, *TABLES):
        tags = _tags(properties.get("Tags", properties.get("Replicas", [{}])[0].get("Tags", [])))
        if tags.get("workerless:stage") != cloud.stage.name:
            yield f"{template.name} {name}: no stage tag"
        if template.name.endswith(("-core", "-api")):
            continue
        if not tags.keys() & {"workerless:job-type", "workerless:pool"}:
            yield f"{template.name} {name}: no tag of a job type or pool"


def _tags(tags: list[dict[str, Any]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def each_job_type_is_published(cloud: Cloud) -> Iterator[str]:
    published = {
        properties["Name"]: text(properties["Value"])
        for _, _, properties in cloud.each("AWS::SSM::Parameter")
    }
    fields = {
        naming.core_parameter(cloud.stage.name): ("table", "bucket", "topic", "ticks", "workflows"),
        naming.api_parameter(cloud.stage.name): ("endpoint",),
        **{
            naming.job_type_parameter(cloud.stage.name, job_type.name): (
                "queue",
                "dead_letters",
                "function",
                "tracking",
                *(["lanes"] if job_type.lanes else []),
                *(["hidden"] if job_type.result and paths_of(job_type.result) else []),
            )
            for job_type in cloud.job_types
        },
    }
    for name, expected in fields.items():
        if sorted(_keys(published.get(name, "{}"))) != sorted(expected):
            yield f"{name}: must hold {expected}, got {published.get(name)}"


def what_nobody_is_shown_is_published(cloud: Cloud) -> Iterator[str]:
    wanted = {"payload": [], "result": ["token"], "version": 2}
    name = naming.job_type_parameter(cloud.stage.name, "shy")
    found = [
        json.loads(text(properties["Value"])).get("hidden")
        for _, _, properties in cloud.each("AWS::SSM::Parameter")
        if properties["Name"] == name
    ]
    if found != [wanted]:
        yield f"{name}: hidden must be {wanted}, got {found}"


def _keys(value: str) -> list[str]:
    return list(json.loads(value))


DATA_RELATIONS = (
    data_is_protected,
    stacks_with_data_stay,
    records_expire,
    files_go_by_their_tag,
    logs_end,
    stacks_do_not_lock_each_other,
    names_fit_and_are_found,
    every_part_says_whose_it_is,
    each_job_type_is_published,
    what_nobody_is_shown_is_published,
)
