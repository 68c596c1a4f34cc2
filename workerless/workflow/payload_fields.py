"""The fields of a payload as a workflow sees them: by the names that JSON has for them. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import AliasChoices, AliasPath, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from workerless.errors import DeclarationError
from workerless.misfit import first_misfit
from workerless.payload import Payload, canonical_json, read_data

_MISSING = "missing"


def keys_by_field(model: type[Payload]) -> dict[str, tuple[str, ...]]:
    """What each field may be called in data, the usual name first.

    Nothing, where a field is looked for at a path: such a payload is best given as one.
    """
    by_name = model.model_config.get("populate_by_name") or model.model_config.get(
        "validate_by_name"
    )
    found = {}
    for name, field in model.model_fields.items():
        aliases = _aliases(name, field)
        found[name] = tuple(dict.fromkeys((*aliases, name))) if by_name else aliases
    return found


def _aliases(name: str, field: FieldInfo) -> tuple[str, ...]:
    match field.validation_alias or field.alias:
        case None:
            return (name,)
        case str(alias):
            return (alias,)
        case AliasChoices(choices=choices):
            return tuple(one for one in choices if isinstance(one, str))
        case AliasPath():
            return ()


def checked(whose: str, model: type[Payload], data: Mapping[str, Any], open_to: set[str]) -> None:
    """Raises ``DeclarationError`` for what in ``data`` no payload of ``model`` can have.

    Fields that are not there may still come, and of ``open_to`` nothing is known.
    """
    try:
        read_data(model, {key: value for key, value in data.items() if key not in open_to})
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        wrong = [one for one in found if not (len(one["loc"]) == 1 and one["type"] == _MISSING)]
        # A check of the whole payload cannot tell yet, while fields are missing.
        if wrong and (wrong[0]["loc"] or len(wrong) == len(found)):
            raise DeclarationError(str(first_misfit(wrong[0], below=whose))) from None
    except (AttributeError, LookupError, TypeError):
        # A check of the model's own that needs a field which is not known yet; the worker's counts.
        if not open_to and not missing(model, set(data)):
            raise


def missing(model: type[Payload], given: set[str]) -> list[str]:
    """The fields that must be there and are not ``given``, by their usual names."""
    return [
        keys[0]
        for name, keys in keys_by_field(model).items()
        if keys and model.model_fields[name].is_required() and not given & set(keys)
    ]


def defaults(model: type[Payload], given: set[str]) -> dict[str, Any]:
    """The data of the fields that are not ``given`` and have a default."""
    return {
        keys[0]: as_json(model.__name__, field.get_default(call_default_factory=True))
        for name, keys in keys_by_field(model).items()
        if keys
        and not given & set(keys)
        and not (field := model.model_fields[name]).is_required()
        and not field.default_factory_takes_validated_data
    }


def as_json(whose: str, value: Any) -> Any:
    """``value`` as JSON data. Raises ``DeclarationError``."""
    try:
        data = to_jsonable_python(value, by_alias=True)
        canonical_json(data)
    except (ValueError, RecursionError) as error:
        raise DeclarationError(f"{whose}: a payload must be JSON: {error}") from error
    return data


def converts(model: type[Payload], key: str) -> bool:
    """Whether code of the model's own may make something else of what comes for this field."""
    own = model.__pydantic_decorators__
    if any(one.info.mode != "after" for one in own.model_validators.values()):
        return True
    if model.model_config.get("coerce_numbers_to_str"):
        return True
    name = next(name for name, keys in keys_by_field(model).items() if key in keys)
    validators = own.field_validators.values()
    if any(one.info.mode != "after" and {name, "*"} & {*one.info.fields} for one in validators):
        return True
    # Wherever it stands within the annotation: Annotated[str, BeforeValidator(...)] and its like.
    return "Validator(" in repr(model.model_fields[name])
