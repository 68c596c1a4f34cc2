"""Drawings that load nothing and change with nothing but their data: what pygal draws, bare."""

from typing import Any


def still(chart: Any, name: str) -> str:
    """A chart of pygal as SVG; by ``name`` its styles are told from others' on a page."""
    chart.uuid = name
    chart.add_xml_filter(_bare)
    # pygal gives bytes where the drawing begins with XML's declaration, and text where not.
    drawn: str | bytes = chart.render()
    return drawn if isinstance(drawn, str) else drawn.decode()


def _bare(root: Any) -> Any:
    """Without scripts, and without comments: one of them is the day of the drawing."""
    for parent in root.iter():
        for child in [one for one in parent if not _is_drawn(one)]:
            parent.remove(child)
    return root


def _is_drawn(element: Any) -> bool:
    """A comment's tag is no text."""
    return isinstance(element.tag, str) and not element.tag.endswith("script")
