"""What AWS answers, as our facts: settings that are missing, or stand in another form."""

import json
from typing import Any

import pytest

from workerless.aws.facts import (
    alarm_facts,
    function_facts,
    mapping_facts,
    queue_facts,
    table_facts,
)

ARN = "arn:aws:sqs:us-east-1:000000000000:greet"
QUEUE = {"QueueArn": ARN, "VisibilityTimeout": "30", "MessageRetentionPeriod": "60"}
DENY = {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
MAPPING = {
    "UUID": "m-1",
    "EventSourceArn": ARN,
    "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:greet:live",
    "State": "Enabled",
    "BatchSize": 1,
}


def queue(**attributes: Any) -> Any:
    texts = {
        name: one if isinstance(one, str) else json.dumps(one) for name, one in attributes.items()
    }
    return queue_facts({**QUEUE, **texts})


def test_queue_with_no_policy_at_all() -> None:
    facts = queue()

    assert (facts.name, facts.dead_letters, facts.max_receive_count) == ("greet", None, None)
    assert (facts.allows, facts.is_encrypted, facts.is_tls_only) == (None, False, False)


@pytest.mark.parametrize(
    ("policy", "allows"),
    [
        ({"redrivePermission": "byQueue", "sourceQueueArns": ["a", "b"]}, ("a", "b")),
        ({"redrivePermission": "denyAll"}, ()),
        ({"redrivePermission": "allowAll"}, None),
    ],
)
def test_who_may_use_a_dead_letter_queue(
    policy: dict[str, Any], allows: tuple[str, ...] | None
) -> None:
    assert queue(RedriveAllowPolicy=policy).allows == allows


@pytest.mark.parametrize("key", [{"SqsManagedSseEnabled": "true"}, {"KmsMasterKeyId": "k"}])
def test_key_of_any_kind_is_encryption(key: dict[str, str]) -> None:
    assert queue(**key).is_encrypted


@pytest.mark.parametrize(
    ("statements", "is_tls_only"),
    [
        (DENY, True),
        ([{"Effect": "Allow"}, DENY], True),
        ([{**DENY, "Effect": "Allow"}], False),
        ([{"Effect": "Deny", "Condition": {}}], False),
        ([], False),
    ],
)
def test_policy_that_refuses_plain_calls_is_known(statements: Any, *, is_tls_only: bool) -> None:
    assert queue(Policy={"Statement": statements}).is_tls_only is is_tls_only


def test_redrive_policy_is_read() -> None:
    policy = {"deadLetterTargetArn": f"{ARN}-dead", "maxReceiveCount": "16"}

    facts = queue(RedrivePolicy=policy)

    assert (facts.dead_letters, facts.max_receive_count) == (f"{ARN}-dead", 16)


def test_mapping_of_an_alias_belongs_to_its_function() -> None:
    facts = mapping_facts(MAPPING)

    assert (facts.function, facts.qualifier, facts.max_concurrency) == ("greet", "live", None)
    assert (facts.takes_partial_responses, facts.counts_events) == (False, False)


def test_mapping_with_all_its_settings() -> None:
    facts = mapping_facts(
        {
            **MAPPING,
            "ScalingConfig": {"MaximumConcurrency": 5},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "MetricsConfig": {"Metrics": ["EventCount"]},
        }
    )

    assert (facts.max_concurrency, facts.takes_partial_responses, facts.counts_events) == (
        5,
        True,
        True,
    )


def test_mapping_with_pollers_is_bounded_by_their_number() -> None:
    pollers = {"MinimumPollers": 2, "MaximumPollers": 20}

    facts = mapping_facts({**MAPPING, "ProvisionedPollerConfig": pollers})

    assert (facts.max_concurrency, facts.pollers, facts.most_at_once) == (None, 20, 200)


def test_secrets_in_a_functions_environment_are_not_looked_at() -> None:
    variables = {"WORKERLESS_STAGE": "prod", "API_KEY": "secret"}
    configuration = {"FunctionName": "f", "Timeout": 3, "Environment": {"Variables": variables}}

    facts = function_facts(
        configuration, version="7", reserved=None, recursion="Terminate", log_days=None
    )

    assert dict(facts.environment) == {"WORKERLESS_STAGE": "prod"}
    assert not facts.may_loop


def test_alarm_whose_actions_are_off_tells_nobody() -> None:
    alarm = {"AlarmName": "a", "AlarmActions": ["topic"]}

    assert alarm_facts(alarm).tells == ("topic",)
    assert alarm_facts({**alarm, "ActionsEnabled": False}).tells == ()
    assert (alarm_facts(alarm).queue, alarm_facts(alarm).missing_data) == (None, "missing")


@pytest.mark.parametrize(("status", "expires_by"), [("ENABLED", "expires_at"), ("DISABLED", None)])
def test_time_to_live_counts_once_it_is_on(status: str, expires_by: str | None) -> None:
    indexes = [{"IndexName": "due", "IndexStatus": "CREATING"}, {"IndexName": "by_state"}]
    table = {"TableName": "t", "TableStatus": "ACTIVE", "GlobalSecondaryIndexes": indexes}
    expiry = {"TimeToLiveDescription": {"TimeToLiveStatus": status, "AttributeName": "expires_at"}}

    facts = table_facts(table, expiry=expiry, backups=None)

    assert (facts.expires_by, facts.indexes) == (expires_by, frozenset({"by_state"}))
    assert (facts.is_recoverable, facts.is_protected) == (False, False)
