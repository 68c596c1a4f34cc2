"""A simulation as a drawing: how many jobs wait, how many start. SVG that loads nothing."""

from typing import Any

import pygal

from workerless.drawing import still
from workerless.simulation.report import Report


def svg(report: Report, title: str) -> bytes:
    """One drawing, jobs over seconds."""
    chart: Any = pygal.XY(
        title=title,
        x_title="seconds",
        y_title="jobs",
        show_dots=False,
        js=(),
        disable_xml_declaration=False,
        legend_at_bottom=True,
        width=960,
        height=480,
        no_prefix=True,
    )
    times = [moment.at.total_seconds() for moment in report.moments]
    slice_ = times[1] - times[0] if len(times) > 1 else 1.0
    lines: dict[str, list[float]] = {
        "in the queue": [moment.queued for moment in report.moments],
        "held back by limits": [moment.outside for moment in report.moments],
        "running": [moment.running for moment in report.moments],
        "started a second": [moment.started / slice_ for moment in report.moments],
    }
    for name, values in lines.items():
        chart.add(name, list(zip(times, values, strict=True)))
    return still(chart, "flow").encode()
