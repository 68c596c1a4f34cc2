"""Having somebody change a text in the editor of their choice."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from workerless.cli.failure import CommandError


def edit(text: str) -> str:
    """What somebody made of ``text``. Raises ``CommandError`` when the editor fails.

    ``VISUAL`` or ``EDITOR`` says which; payloads may be secret, so only its owner reads the file.
    """
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="workerless-") as folder:
        path = Path(folder) / "payload.json"
        path.write_text(text, encoding="utf-8")
        try:
            subprocess.run([*words, str(path)], check=True)  # noqa: S603 -- the user's own editor
        except (OSError, subprocess.CalledProcessError) as error:
            raise CommandError(
                f"editor {words[0]!r} must be a command that ends well, got {error}; "
                "set EDITOR, or give the payload with --data"
            ) from error
        return path.read_text(encoding="utf-8")
