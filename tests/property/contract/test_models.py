"""problems, between models: what it lets pass a worker reads. Judged by pydantic itself."""

from typing import Any

from hypothesis import assume, event, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from tests.property.contract.models import pairs, payloads
from tests.property.contract.schemas import LAW, values
from workerless.contract.accepts import problems
from workerless.contract.details import Detailed
from workerless.contract.schema import Document, Flat
from workerless.payload import Payload, read_payload


def reads(model: type[Payload], data: Any) -> bool:
    try:
        read_payload(model, data)
    except ValidationError:
        return False
    return True


def schema_of(model: type[Payload]) -> Flat:
    """As a contract keeps it."""
    return model.model_json_schema(schema_generator=Detailed)


@LAW
@given(st.data(), st.one_of(st.tuples(payloads(), payloads()), pairs()))
def test_message_of_one_release_is_read_by_the_other_where_no_problem_is_told(
    data: st.DataObject, both: tuple[type[Payload], type[Payload]]
) -> None:
    writer, reader = both
    schema = schema_of(writer)
    told = problems(schema_of(reader), schema)
    value = data.draw(values(Document(schema), schema))
    assume(Draft202012Validator(schema).is_valid(value) and reads(writer, value))

    event(f"{'problem' if told else 'none'}, {'read' if reads(reader, value) else 'not read'}")
    assert told or reads(reader, value), (schema_of(reader), schema, value)


@LAW
@given(st.one_of(payloads(), pairs().map(lambda both: both[0])))
def test_model_takes_what_it_writes_itself(model: type[Payload]) -> None:
    assert problems(schema_of(model), schema_of(model)) == []
    assert problems(model.model_json_schema(), model.model_json_schema()) == []
