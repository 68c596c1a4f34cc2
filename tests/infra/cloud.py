"""One synthesised stage as the relations see it: its templates, and what was declared."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.lane import lanes_of
from infra.pooling import route_of
from infra.settings import Stage
from workerless import naming
from workerless.job_type import JobType

QUEUE, FUNCTION, ROLE = "AWS::SQS::Queue", "AWS::Lambda::Function", "AWS::IAM::Role"
ALARM, BUCKET = "AWS::CloudWatch::Alarm", "AWS::S3::Bucket"
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
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
    """All stacks of one stage, and the job types they were made from.

    ``undeletable`` are the stacks that CloudFormation refuses to delete.
    """

    stage: Stage
    templates: Sequence[Template]
    job_types: Sequence[JobType[Any, Any]]
    undeletable: frozenset[str] = frozenset()

    def each(self, *kinds: str) -> Iterator[tuple[Template, str, Properties]]:
        for template in self.templates:
            for logical_id, properties in template.of(*kinds):
                yield template, logical_id, properties

    def function_of(self, template: Template, mapping: Properties) -> tuple[Template, str]:
        """The function whose alias a mapping calls, by stack and logical id: a pool's by name."""
        if alias := target(mapping["FunctionName"]):
            return template, target(template.resource(alias)["Properties"]["FunctionName"])
        name, live = text(mapping["FunctionName"]).split(":")[-2:]
        for other, logical_id, function in self.each(FUNCTION):
            if function.get("FunctionName") == name and live == naming.LIVE:
                return other, logical_id
        raise AssertionError(f"no stack has function {mapping['FunctionName']}")

    def job_types_of(self, template: Template) -> set[str]:
        """The names of those that the functions of a stack run."""
        tags = {
            tag["Key"]: tag["Value"]
            for _, role in template.of(ROLE)
            for tag in role.get("Tags", [])
        }
        pool = tags.get("workerless:pool")
        members = {
            one.name
            for one in self.job_types
            if pool is not None and route_of(one.name, self.stage.routes) == pool
        }
        return members | ({tags["workerless:job-type"]} if "workerless:job-type" in tags else set())

    def queues_of(self, name: str) -> set[str]:
        """The names of a job type's queues."""
        (job_type,) = (one for one in self.job_types if one.name == name)
        return {
            naming.dead_letter_queue(self.stage.name, name),
            *(lane.queue_name for lane in lanes_of(job_type, self.stage)),
        }

    def queues_fed_by(self, template: Template) -> set[str]:
        """The names of those that its job types say they send jobs to, and nothing else."""
        return {
            resource.rpartition(":")[2].format(stage=self.stage.name)
            for one in self.job_types
            if one.name in self.job_types_of(template)
            for allow in one.permissions
            if allow.actions == ("sqs:SendMessage",)
            for resource in allow.resources
        }

    def declared(self, queue: Properties) -> JobType[Any, Any] | None:
        """The job type one of whose queues this is."""
        for job_type in self.job_types:
            if queue.get("QueueName") in self.queues_of(job_type.name):
                return job_type
        return None


def read(directory: Path, stage: Stage, job_types: Sequence[JobType[Any, Any]]) -> Cloud:
    """The cloud that was synthesised into ``directory``."""
    templates = [
        Template(name=path.name.split(".")[0], body=json.loads(path.read_text()))
        for path in sorted(directory.glob("*.template.json"))
    ]
    manifest = json.loads((directory / "manifest.json").read_text())
    undeletable = frozenset(
        name
        for name, artifact in manifest["artifacts"].items()
        if artifact.get("properties", {}).get("terminationProtection")
    )
    return Cloud(stage=stage, templates=templates, job_types=job_types, undeletable=undeletable)


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
        case {"Fn::Select": [index, {"Fn::Split": [separator, parts]}]}:
            literal = re.sub("<[^>]*>", "<>", text(parts))
            return literal.split(separator)[int(index)]
    return json.dumps(value)


def statements(policy: Properties) -> list[Mapping[str, Any]]:
    return list(policy.get("PolicyDocument", {}).get("Statement", []))


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
