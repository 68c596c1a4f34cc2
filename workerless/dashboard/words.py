"""The Markdown of dashboards as HTML: headings, bold, code and links, which is all they use."""

import re
from collections.abc import Callable
from html import escape

_MARKS = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)")
_HEADING = re.compile(r"(#{1,3}) (.*)")
_PAGE = "#dashboards:name="

type Link = Callable[[str], str]


def html(markdown: str, link: Link) -> str:
    """Lines are paragraphs. ``link`` tells where an address of a dashboard leads here."""
    return "\n".join(_line(line, link) for line in markdown.splitlines() if line.strip())


def page_file(name: str) -> str:
    """The file of another dashboard, beside this one."""
    return f"{name}.html"


def linked(address: str) -> str:
    """Links to dashboards lead to their files; nothing but the web is led to besides."""
    if address.startswith(_PAGE):
        return page_file(address.removeprefix(_PAGE))
    return address if address.startswith("https://") else "#"


def _line(line: str, link: Link) -> str:
    heading = _HEADING.fullmatch(line)
    if heading:
        size = len(heading[1])
        return f"<h{size}>{_inline(heading[2], link)}</h{size}>"
    return f"<p>{_inline(line, link)}</p>"


def _inline(text: str, link: Link) -> str:
    found, at = [], 0
    for mark in _MARKS.finditer(text):
        found += [escape(text[at : mark.start()]), _marked(mark, link)]
        at = mark.end()
    return "".join([*found, escape(text[at:])])


def _marked(mark: re.Match[str], link: Link) -> str:
    code, bold, label, address = mark.groups()
    if code:
        return f"<code>{escape(code)}</code>"
    if bold:
        return f"<b>{escape(bold)}</b>"
    return f'<a href="{escape(link(address))}">{escape(label)}</a>'
