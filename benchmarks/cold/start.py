"""Imports one worker as Lambda would: ``start.py NAME LAYER BOTO3 [MODULES]``.

Prints the CPU it took, in ms. ``MODULES`` names a file of modules to import before the clock
starts, and have pydantic make a first model; where there is none, the modules that were imported
are written to it.
"""

import importlib
import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Its arguments are those of the command line."""
    name, layer, boto3, *rest = sys.argv[1:]
    sys.path[:0] = [str(Path(__file__).parent), layer]
    sys.path.append(boto3)
    known = Path(rest[0]) if rest else None
    for module in json.loads(known.read_text()) if known and known.exists() else ():
        importlib.import_module(module)
    if known and known.exists():
        importlib.import_module("first_model")
    before = time.process_time()
    importlib.import_module(name)
    print((time.process_time() - before) * 1000)
    if known and not known.exists():
        known.write_text(json.dumps(_theirs()))


def _theirs() -> list[str]:
    """What was imported of others, standard library included, and can be again."""
    ours = ("workerless", "__main__", "start", "first_model")
    return [
        name
        for name, module in sys.modules.items()
        if not name.startswith(ours) and getattr(module, "__spec__", None) is not None
    ]


if __name__ == "__main__":
    main()
