"""``tools/setup.py``: a step is skipped only while all that it left is still there."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "setup.py"


@pytest.fixture
def setup(tmp_path: Path) -> ModuleType:
    """The script, for a checkout with one input and nothing brought yet."""
    spec = importlib.util.spec_from_file_location("setup_script", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.__dict__.update(ROOT=tmp_path, TOOLS=tmp_path)
    (tmp_path / "lock").write_text("one==1")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "thing").touch()
    return module


def finish(setup: ModuleType, root: Path) -> None:
    setup.remember("step", [root / "lock"], root / "made")


def is_done(setup: ModuleType, root: Path) -> bool:
    done: bool = setup.is_done("step", [root / "lock"])
    return done


def test_step_that_never_ran_is_not_done(setup: ModuleType, tmp_path: Path) -> None:
    assert not is_done(setup, tmp_path)


def test_step_is_done_once(setup: ModuleType, tmp_path: Path) -> None:
    finish(setup, tmp_path)

    assert is_done(setup, tmp_path)


def test_changed_input_repeats_the_step(setup: ModuleType, tmp_path: Path) -> None:
    finish(setup, tmp_path)

    (tmp_path / "lock").write_text("one==2")

    assert not is_done(setup, tmp_path)


def test_missing_part_repeats_the_step(setup: ModuleType, tmp_path: Path) -> None:
    finish(setup, tmp_path)

    (tmp_path / "made" / "thing").unlink()

    assert not is_done(setup, tmp_path)


def test_changed_input_leaves_what_is_there_whole(setup: ModuleType, tmp_path: Path) -> None:
    finish(setup, tmp_path)

    (tmp_path / "lock").write_text("one==2")

    assert setup.is_whole("step")


def test_what_others_add_repeats_nothing(setup: ModuleType, tmp_path: Path) -> None:
    finish(setup, tmp_path)

    (tmp_path / "made" / "theirs").touch()

    assert is_done(setup, tmp_path)
