"""The picture that the docs show."""

from pathlib import Path

from demo.workflow_picture import picture

SHOWN = Path(__file__).resolve().parents[3] / "docs" / "workflow.svg"


def test_picture_in_the_docs_is_what_is_drawn_today() -> None:
    assert SHOWN.read_text(encoding="utf-8") == picture(), (
        "run python -m demo.workflow_picture > docs/workflow.svg, and look at it"
    )
