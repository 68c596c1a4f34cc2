"""One synthesised stage as the relations see it: its templates, and what was declared."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.settings import Stage
from workerless import naming
from workerless.job_type import JobType

QUEUE, FUNCTION, ROLE = "AWS::SQS::Queue", "AWS::Lambda::Function", "AWS::IAM::Role"
ALARM, BUCKET = "AWS::CloudWatch::Alarm", "AWS::S3::Bucket"
MAPPING = "AWS::Lambda::EventSourceMapping"
TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")

type Properties = Mapping[str, Any]
type Resource = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Template:
    """One stack's template. Logical ids hold within it only."""

    name: str
    body: Mapping[str, Any]

    @property
    def source(self) -> str:
        return json.dumps(self.body, indent=1)

    def of(self, *kinds: str) -> Iterator[tuple[str, Properties]]:
        """Logical id and properties of each resource of one of ``kinds``."""
        for logical_id, resource in self.body["Resources"].items():
            if resource["Type"] in kinds:
                yield logical_id, resource.get("Properties", {})

    def resource(self, logical_id: str) -> Resource:
        found: Resource = self.body["Resources"][logical_id]
        return found

    def properties(self, value: Any) -> Properties:
        """The properties of the resource that ``value`` refers to."""
        found: Properties = self.resource(target(value)).get("Properties", {})
        return found


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """All stacks of one stage, and the job types they were made from."""

    stage: Stage
    templates: Sequence[Template]
    job_types: Sequence[JobType[Any, Any]]

    def each(self, *kinds: str) -> Iterator[tuple[Template, str, Properties]]:
        for template in self.templates:
            for logical_id, properties in template.of(*kinds):
                yield template, logical_id, properties

    def declared(self, queue: Properties) -> JobType[Any, Any] | None:
        """The job type one of whose queues this is."""
        for job_type in self.job_types:
            names = (
                naming.resource(self.stage.name, job_type.name),
                naming.dead_letter_queue(self.stage.name, job_type.name),
                *(
                    naming.lane_queue(self.stage.name, job_type.name, lane)
                    for lane in (job_type.lanes.weights if job_type.lanes else ())
                ),
            )
            if queue.get("QueueName") in names:
                return job_type
        return None


def read(directory: Path, stage: Stage, job_types: Sequence[JobType[Any, Any]]) -> Cloud:
    """The cloud that was synthesised into ``directory``."""
    templates = [
        Template(name=path.name.split(".")[0], body=json.loads(path.read_text()))
        for path in sorted(directory.glob("*.template.json"))
    ]
    return Cloud(stage=stage, templates=templates, job_types=job_types)


def target(value: Any) -> str:
    """The logical id that a Ref or Fn::GetAtt points at, else an empty string."""
    if isinstance(value, Mapping):
        if "Ref" in value:
            return str(value["Ref"])
        if "Fn::GetAtt" in value:
            return str(value["Fn::GetAtt"][0])
    return ""


def text(value: Any) -> str:
    """A template value in one string, references as ``<name>``."""
    match value:
        case str():
            return value
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(text(part) for part in parts)
    return json.dumps(value)


def statements(policy: Properties) -> list[Mapping[str, Any]]:
    return list(policy.get("PolicyDocument", {}).get("Statement", []))


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
