"""What is drawn holds the data and nothing else: a held picture is the same tomorrow."""

import re

import pygal

from workerless.drawing import still


def test_drawing_has_neither_scripts_nor_comments() -> None:
    chart = pygal.Line(title="jobs")
    chart.add("running", [1, 2, 3])

    drawn = still(chart, "flow")

    assert "running" in drawn
    assert re.findall(r"<script|<!--", drawn) == []
