"""Runs ministack so that functions start under another Python than the emulator itself.

A script, started by its path: ``python emulator.py PYTHON_OF_THE_FUNCTIONS``.
"""

import sys


def main() -> None:
    """Serve until told to stop; ministack reads its settings from the environment."""
    functions_python = sys.argv[1]
    from ministack.app import main as serve  # noqa: PLC0415 -- only this process has a use for it

    # A hack: ministack has no setting for this and starts Python functions by sys.executable, which
    # would show them everything the developer has installed.
    sys.executable = functions_python
    sys.argv = ["ministack"]
    serve()


if __name__ == "__main__":
    main()
