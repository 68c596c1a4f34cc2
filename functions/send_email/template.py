"""Turns a template and its variables into the texts of an email.

A template is a folder in ``templates/`` with ``subject.txt``, ``body.txt`` and ``body.html``, in
the syntax of ``string.Template``. Values are put in once and never read as templates themselves; in
HTML each is escaped, in element content as in quoted attributes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """What a person reads: a subject of one line, and one body in two forms."""

    subject: str
    text: str
    html: str


def render(template: str, variables: Mapping[str, str]) -> Email:
    """Raises ``KeyError`` for a variable that is missing: the payload's model sees to it first."""
    escaped = {name: escape(value, quote=True) for name, value in variables.items()}
    return Email(
        subject=load(template, "subject.txt").substitute(variables).strip(),
        text=load(template, "body.txt").substitute(variables),
        html=load(template, "body.html").substitute(escaped),
    )


@cache
def load(template: str, part: str) -> Template:
    """One file of a template, read once per execution environment."""
    return Template((_FOLDER / template / part).read_text(encoding="utf-8"))
