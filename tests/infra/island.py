"""A function with its asset, its layer, boto3 and nothing else: run in an interpreter of its own.

Reads one JSON object from standard input: ``asset``, ``layer`` and ``boto3`` (folders), ``handler``
and ``event``. Writes one to the file descriptor it is given, as standard output is for the
function's log: the handler's ``response``, and the ``strangers``, modules from anywhere else.
"""

import importlib
import json
import os
import sys
import sysconfig


class Context:
    """Lambda's context object, as far as workers look at it."""

    aws_request_id = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 600_000


def main() -> None:
    asked = json.load(sys.stdin)
    # As in Lambda: the asset first, then layers, the runtime's own boto3 last.
    sys.path[:0] = [asked["asset"], asked["layer"]]
    sys.path.append(asked["boto3"])
    module, _, name = asked["handler"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    response = handler(asked["event"], Context())
    homes = (asked["asset"], asked["layer"], asked["boto3"], sysconfig.get_path("stdlib"), __file__)
    files = [getattr(module, "__file__", None) for module in sys.modules.values()]
    strangers = [
        file for file in files if file and (not file.startswith(homes) or "/site-packages/" in file)
    ]
    with os.fdopen(int(sys.argv[1]), "w") as answer:
        json.dump({"response": response, "strangers": strangers}, answer)


if __name__ == "__main__":
    main()
