"""Pieces of SVG: texts and shapes at places in pixels. Looks are classes of ``STYLE``. Pure."""

from html import escape

STYLE = """
text { font: 13px system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; fill: #334155 }
.title { font-size: 22px; font-weight: 600; fill: #0f172a }
.total { font-size: 28px; font-weight: 600; fill: #0f172a }
.quiet { fill: #64748b }
.head { font-size: 12px; font-weight: 600; fill: #64748b }
.note { fill: #b45309 }
.bad { fill: #dc2626; font-weight: 600 }
.end { text-anchor: end }
.middle { text-anchor: middle }
.completed { fill: #0d9488 }
.failed { fill: #dc2626 }
.unknown { fill: #e2e8f0 }
.paper { fill: #ffffff }
.line { fill: #e2e8f0 }
.base { fill: #94a3b8 }
"""


def text(x: float, y: float, content: str, *, look: str = "") -> str:
    """``y`` is the line that letters stand on."""
    return f'<text x="{x:g}" y="{y:g}"{_class(look)}>{escape(content)}</text>'


def box(x: float, y: float, width: float, height: float, *, look: str, told: str = "") -> str:
    """``told`` is shown to who points at it."""
    place = f'x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}"'
    inner = f"<title>{escape(told)}</title>" if told else ""
    return f"<rect {place}{_class(look)}>{inner}</rect>"


def _class(look: str) -> str:
    return f' class="{look}"' if look else ""
