"""Batches of statements as they are on the wire, which is how we have them already.

botocore walks through its model of the service for each value it sends or receives: over the many
values of a batch that takes several times what the rest of the call does. Our values (texts,
numbers as text, booleans, maps and lists) are the same before and after. So botocore is given no
parameters and no answer to walk through: in its own events the body is put in and taken out.

Whatever is no plain answer is left to botocore. One that told these events no longer would send an
empty call, which the service refuses: then batches are given up (``batch.py``), and no write is.
"""

import json
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks

_CALL = "dynamodb.BatchExecuteStatement"
_WITHHELD = "workerless_parameters"
_OK = 200


def speak_plainly(events: "BaseEventHooks") -> None:
    """Have a client, whose ``events`` these are, do so from now on.

    It must not validate parameters, for it finds none.
    """
    withhold: Any = _withhold  # botocore's stubs know of no listener that answers
    events.register(f"provide-client-params.{_CALL}", withhold)
    events.register(f"before-call.{_CALL}", _write)
    events.register(f"before-parse.{_CALL}", _read)


def _withhold(params: Any, context: MutableMapping[str, Any], **_: Any) -> dict[str, Any]:
    context[_WITHHELD] = params
    return {}


def _write(params: MutableMapping[str, Any], context: MutableMapping[str, Any], **_: Any) -> None:
    """``params`` is the request: its method, path, headers and body."""
    params["body"] = _to_json(context.pop(_WITHHELD))


def _to_json(value: Any) -> bytes:
    try:
        return to_json(value)  # a third of the time
    except ValueError:  # half a character, which the service refuses
        return json.dumps(value).encode()


def _read(
    response_dict: MutableMapping[str, Any],
    customized_response_dict: MutableMapping[str, Any],
    **_: Any,
) -> None:
    """``customized_response_dict`` is what the parsed answer shall have besides what is parsed."""
    if response_dict["status_code"] != _OK:
        return
    try:
        answer = json.loads(response_dict["body"])
    except ValueError:  # garbled on its way
        return
    if isinstance(answer, dict):
        customized_response_dict.update(answer)
        response_dict["body"] = b"{}"
