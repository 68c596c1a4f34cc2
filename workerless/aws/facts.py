"""What AWS answers about deployed things, as our facts. The one place that knows its names."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from workerless.deployed import (
    AlarmFacts,
    EntryFacts,
    FunctionFacts,
    MappingFacts,
    QueueFacts,
    TableFacts,
)

_OURS = "WORKERLESS_"


def queue_facts(attributes: Mapping[str, str]) -> QueueFacts:
    """From the attributes of a queue, all of them."""
    redrive = json.loads(attributes.get("RedrivePolicy") or "{}")
    arn = attributes["QueueArn"]
    return QueueFacts(
        name=arn.rpartition(":")[2],
        arn=arn,
        visibility=timedelta(seconds=int(attributes["VisibilityTimeout"])),
        retention=timedelta(seconds=int(attributes["MessageRetentionPeriod"])),
        dead_letters=redrive.get("deadLetterTargetArn"),
        max_receive_count=int(redrive["maxReceiveCount"]) if redrive else None,
        allows=_allowed(json.loads(attributes.get("RedriveAllowPolicy") or "{}")),
        is_encrypted=attributes.get("SqsManagedSseEnabled") == "true"
        or bool(attributes.get("KmsMasterKeyId")),
        is_tls_only=_refuses_plain_calls(json.loads(attributes.get("Policy") or "{}")),
    )


def entry_facts(entry: Mapping[str, Any]) -> EntryFacts:
    """From the answer of ``GetSchedule``."""
    return EntryFacts(
        expression=entry["ScheduleExpression"],
        timezone=entry.get("ScheduleExpressionTimezone") or "UTC",
        is_enabled=entry.get("State") == "ENABLED",
        input=entry["Target"].get("Input") or "",
    )


def mapping_facts(mapping: Mapping[str, Any]) -> MappingFacts:
    """From one of ``ListEventSourceMappings``."""
    return MappingFacts(
        uuid=mapping["UUID"],
        queue=mapping["EventSourceArn"],
        function=_part_of(mapping["FunctionArn"], 6) or mapping["FunctionArn"],
        qualifier=_part_of(mapping["FunctionArn"], 7),
        state=mapping["State"],
        batch_size=mapping["BatchSize"],
        window=timedelta(seconds=mapping.get("MaximumBatchingWindowInSeconds") or 0),
        max_concurrency=(mapping.get("ScalingConfig") or {}).get("MaximumConcurrency"),
        takes_partial_responses="ReportBatchItemFailures"
        in (mapping.get("FunctionResponseTypes") or []),
        counts_events="EventCount" in ((mapping.get("MetricsConfig") or {}).get("Metrics") or []),
        changed_at=mapping.get("LastModified"),
        pollers=(mapping.get("ProvisionedPollerConfig") or {}).get("MaximumPollers"),
    )


def function_facts(
    configuration: Mapping[str, Any],
    *,
    version: str,
    reserved: int | None,
    recursion: str | None,
    log_days: int | None,
) -> FunctionFacts:
    """Of the environment only our own variables: others may hold secrets."""
    variables = (configuration.get("Environment") or {}).get("Variables") or {}
    return FunctionFacts(
        name=configuration["FunctionName"],
        version=version,
        state=configuration.get("State") or "Active",
        last_update=configuration.get("LastUpdateStatus") or "Successful",
        timeout=timedelta(seconds=configuration["Timeout"]),
        reserved=reserved,
        may_loop=recursion == "Allow",
        log_days=log_days,
        environment={name: value for name, value in variables.items() if name.startswith(_OURS)},
    )


def alarm_facts(
    alarm: Mapping[str, Any], composites: Sequence[Mapping[str, Any]] = ()
) -> AlarmFacts:
    """From one of ``DescribeAlarms``; it tells what the ``composites`` that ask for it tell."""
    dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or []}
    asked = [one for one in composites if f'"{alarm["AlarmName"]}"' in one["AlarmRule"]]
    told = [action for one in asked for action in _actions(one)]
    return AlarmFacts(
        name=alarm["AlarmName"],
        state=alarm.get("StateValue") or "INSUFFICIENT_DATA",
        metric=alarm.get("MetricName") or "",
        queue=dimensions.get("QueueName"),
        threshold=float(alarm.get("Threshold") or 0),
        missing_data=alarm.get("TreatMissingData") or "missing",
        tells=(*_actions(alarm), *told),
    )


def _actions(alarm: Mapping[str, Any]) -> list[str]:
    """None when they are switched off."""
    return list(alarm.get("AlarmActions") or []) if alarm.get("ActionsEnabled", True) else []


def table_facts(
    table: Mapping[str, Any], *, expiry: Mapping[str, Any] | None, backups: Mapping[str, Any] | None
) -> TableFacts:
    """From what three calls say of a table."""
    expires = (expiry or {}).get("TimeToLiveDescription") or {}
    recovery = ((backups or {}).get("ContinuousBackupsDescription") or {}).get(
        "PointInTimeRecoveryDescription"
    ) or {}
    return TableFacts(
        name=table["TableName"],
        state=table["TableStatus"],
        indexes=frozenset(
            index["IndexName"]
            for index in table.get("GlobalSecondaryIndexes") or []
            if index.get("IndexStatus", "ACTIVE") == "ACTIVE"
        ),
        expires_by=expires.get("AttributeName")
        if expires.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
        else None,
        is_recoverable=recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
        is_protected=bool(table.get("DeletionProtectionEnabled")),
    )


def _allowed(policy: Mapping[str, Any]) -> tuple[str, ...] | None:
    match policy.get("redrivePermission", "allowAll"):
        case "byQueue":
            return tuple(policy.get("sourceQueueArns", ()))
        case "denyAll":
            return ()
        case _:
            return None


def _refuses_plain_calls(policy: Mapping[str, Any]) -> bool:
    statements = policy.get("Statement", [])
    if isinstance(statements, Mapping):
        statements = [statements]
    return any(
        statement.get("Effect") == "Deny"
        and str(
            (statement.get("Condition") or {}).get("Bool", {}).get("aws:SecureTransport")
        ).lower()
        == "false"
        for statement in statements
    )


def _part_of(arn: str, place: int) -> str:
    """Of ``arn:aws:lambda:region:account:function:name[:alias]``; empty where it ends before."""
    parts = arn.split(":")
    return parts[place] if len(parts) > place else ""
