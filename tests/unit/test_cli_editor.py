"""Changing a text in an editor."""

from pathlib import Path

import pytest

from workerless.cli.editor import edit
from workerless.cli.failure import CommandError


def an_editor(folder: Path, script: str) -> str:
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_text_is_what_the_editor_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{an_editor(tmp_path, 'sed -i s/a$/b/ "$2"')} --wait")

    assert edit("say a") == "say b"


def test_visual_goes_before_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "false")
    monkeypatch.setenv("VISUAL", an_editor(tmp_path, "exit 0"))

    assert edit("as it was") == "as it was"


def test_only_its_owner_reads_what_is_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", an_editor(tmp_path, 'stat -c %a "$(dirname "$1")" > "$1"'))

    assert edit("secret").strip() == "700"


@pytest.mark.parametrize("editor", ["false", "/nowhere/at/all"])
def test_editor_that_fails_is_named(monkeypatch: pytest.MonkeyPatch, editor: str) -> None:
    monkeypatch.setenv("VISUAL", editor)

    with pytest.raises(CommandError, match=f"editor '{editor}' must be"):
        edit("text")
