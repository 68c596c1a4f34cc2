"""What a release left in the repository of each job type: ``contracts/<job type>.json``."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from workerless.contract.details import Detailed
from workerless.contract.schema import essence
from workerless.errors import DeclarationError
from workerless.job_type import JobType
from workerless.payload import canonical_json

FOLDER = "contracts"
# 1 is the plain JSON Schema, as before there were details; 2 has them.
FORM = 2


class Sample(BaseModel):
    """The data of a message, and the version that it was of."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int = Field(ge=1)
    data: dict[str, JsonValue]


class Contract(BaseModel):
    """``schema`` is that of ``version``; ``payloads`` are of this and of earlier ones.

    ``form`` says how the schema was made: two are compared that were made alike.

    Payloads are kept for ever: a dead letter may be two weeks old, and a parked job years.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    form: int = Field(default=1, ge=1, le=FORM)
    version: int = Field(ge=1)
    schema_: dict[str, Any] = Field(alias="schema")
    payloads: tuple[Sample, ...]

    def text(self) -> str:
        """As it stands in its file."""
        return json.dumps(self.model_dump(by_alias=True), indent=2, ensure_ascii=False) + "\n"


def contract_of(
    job_type: JobType[Any, Any], samples: Iterable[Sample], before: Contract | None
) -> Contract:
    """What the present release leaves: payloads of ``before`` first, each once."""
    kept = before.payloads if before else ()
    each = {canonical_json(one.model_dump()): one for one in (*kept, *samples)}
    schema = schema_of(job_type, FORM)
    return Contract(
        form=FORM, version=job_type.version, schema=schema, payloads=tuple(each.values())
    )


def schema_of(job_type: JobType[Any, Any], form: int) -> dict[str, Any]:
    """What the payloads of ``job_type`` may be, in a form that is recorded."""
    made = Detailed if form == FORM else GenerateJsonSchema
    schema: dict[str, Any] = essence(job_type.payload.model_json_schema(schema_generator=made))
    return schema


def recorded(root: Path) -> dict[str, Contract]:
    """All that is in the folder of the checkout, by job type. Raises ``DeclarationError``."""
    return {path.stem: _read(path) for path in sorted((root / FOLDER).glob("*.json"))}


def path_of(root: Path, job_type: str) -> Path:
    """Where its contract is, or would be."""
    return root / FOLDER / f"{job_type}.json"


def _read(path: Path) -> Contract:
    try:
        return Contract.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise DeclarationError(
            f"{path} must be as `workerless contract record` wrote it: {error}; "
            "restore it from the last release"
        ) from error
