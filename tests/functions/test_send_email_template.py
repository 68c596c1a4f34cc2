"""send_email: templates ask for what the payload holds, and values stay values."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from string import Template

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.send_email.job import VARIABLES
from functions.send_email.template import load, render

PARTS = ("subject.txt", "body.txt", "body.html")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
VALUES = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), st.sampled_from("<>&\"'$")
    ),
    min_size=1,
)


class Outline(HTMLParser):
    """The tags and attribute names of a page, and its texts and attribute values apart."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.links: list[str | None] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def plain(template: str) -> Mapping[str, str]:
    return dict.fromkeys(VARIABLES[template], "x")


@pytest.mark.parametrize("template", sorted(VARIABLES))
def test_template_asks_for_exactly_its_variables(template: str) -> None:
    asked = {name for part in PARTS for name in load(template, part).get_identifiers()}

    assert asked == VARIABLES[template]


@pytest.mark.parametrize("template", sorted(VARIABLES))
@pytest.mark.parametrize("part", PARTS)
def test_template_is_well_formed(template: str, part: str) -> None:
    assert isinstance(load(template, part), Template)
    assert load(template, part).is_valid()


@pytest.mark.parametrize("template", sorted(VARIABLES))
@given(data=st.data())
def test_no_value_changes_the_shape_of_the_page(template: str, data: st.DataObject) -> None:
    values = {name: data.draw(VALUES) for name in VARIABLES[template]}

    page = Outline(render(template, values).html)

    assert page.shape == Outline(render(template, plain(template)).html).shape
    assert all(value in page.text for name, value in values.items() if name != "link")
    assert page.links == [values["link"]]


@pytest.mark.parametrize("template", sorted(VARIABLES))
@given(data=st.data())
def test_subject_is_one_line_and_texts_keep_values_as_they_are(
    template: str, data: st.DataObject
) -> None:
    values = {name: data.draw(VALUES) for name in VARIABLES[template]}

    email = render(template, values)

    assert not CONTROL.search(email.subject)
    assert all(value in email.text for value in values.values())


def test_value_that_looks_like_a_variable_is_not_filled_in() -> None:
    email = render("welcome", {"name": "$link ${link} $$", "link": "https://example.com/"})

    assert email.subject == "Welcome, $link ${link} $$"
