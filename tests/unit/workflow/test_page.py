"""page: how the members of a batch are put into pages."""

import pytest

from workerless.membership import read_membership
from workerless.workflow.page import (
    MAX_MEMBERS,
    MAX_PAGE,
    MAX_PAGES,
    in_pages,
    page_id,
    page_size,
    slots,
)


@pytest.mark.parametrize(
    ("members", "size", "pages"),
    [(1, 32, 1), (2, 32, 1), (100, 32, 4), (10_000, 32, 313), (32_000, 32, 1_000)],
)
def test_few_members_have_small_pages(members: int, size: int, pages: int) -> None:
    made = in_pages([str(number) for number in range(members)])

    assert page_size(members) == size
    assert len(made) == pages
    assert [one for page in made for one in page] == [str(number) for number in range(members)]


def test_as_many_as_are_allowed_fit_into_half_of_the_pages() -> None:
    made = in_pages([str(number) for number in range(MAX_MEMBERS)])

    assert len(made) <= MAX_PAGES // 2
    assert max(len(page) for page in made) <= MAX_PAGE


def test_page_is_named_by_its_members_and_how_often_it_was_given_up() -> None:
    names = {page_id(["a", "b"], 0), page_id(["ab"], 0), page_id(["b", "a"], 0)}
    names.add(page_id(["a", "b"], 1))

    assert len(names) == 4
    assert page_id(["a", "b"], 0) in names


def test_slots_are_places() -> None:
    places = slots("import-7", page_id(["a", "b"], 0), 2)

    assert [read_membership(one).slot for one in places] == ["0", "1"]
