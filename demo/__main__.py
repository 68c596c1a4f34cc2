"""``python -m demo``."""

import sys

from demo import interruption

_INTERRUPTED = 130


def main() -> int:
    """The exit code: 0 when everything was as it should be."""
    interruption.listen()
    try:
        from demo.show import show  # noqa: PLC0415 -- half a second, and Ctrl-C is heard already

        return show()
    except KeyboardInterrupt:
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
