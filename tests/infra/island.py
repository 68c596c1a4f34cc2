"""Run by path in an interpreter of its own: a function with its asset, its layer, boto3, and nothing else.

Reads one JSON object: ``asset``, ``layer``, ``boto3`` (folders), ``handler`` and ``event``. Writes one:
the handler's ``response`` and the ``strangers``, modules from anywhere else.
"""

import importlib
import json
import os
import sys
import sysconfig


class Context:
    """Lambda's context object, as far as handlers look at it."""

    aws_request_id = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def main() -> None:
    """Answers on file descriptor 3: standard output is for the function's log."""
    asked = json.load(sys.stdin)
    # As in Lambda: the asset first, then layers, the runtime's own boto3 last.
    sys.path[:0] = [asked["asset"], asked["layer"]]
    sys.path.append(asked["boto3"])
    module, _, name = asked["handler"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    response = handler(asked["event"], Context())
    homes = (asked["asset"], asked["layer"], asked["boto3"], sysconfig.get_path("stdlib"))
    strangers = sorted(
        path
        for path in (getattr(each, "__file__", None) for each in list(sys.modules.values()))
        if path and path != __file__ and not os.path.realpath(path).startswith(homes)
    )
    with os.fdopen(3, "w") as answer:
        json.dump({"response": response, "strangers": strangers}, answer)


main()
