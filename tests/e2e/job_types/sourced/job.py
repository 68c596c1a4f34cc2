"""A job that events start: one source of each kind."""

from datetime import timedelta

from workerless import FromEventBridge, FromS3, FromSns, JobType, Payload, Result


class Sourced(Payload):
    """Tell what was heard."""

    text: str


class Heard(Result):
    """The same."""

    text: str


sourced = JobType(
    name="sourced",
    payload=Sourced,
    result=Heard,
    timeout=timedelta(seconds=5),
    sources=(
        FromEventBridge("orders", {"source": ["shop"]}, id_from="$.detail.text"),
        FromS3(
            "uploads",
            prefix="uploads/",
            suffix=".txt",
            fields={"text": "$.detail.object.key"},
        ),
        # A topic that every stage has.
        FromSns("alarms", "arn:{partition}:sns:{region}:{account}:workerless-{stage}-alarms"),
    ),
)
