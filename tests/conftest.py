"""What holds for every test."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Random order, but who waits for minutes anyway waits while the others run."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)
