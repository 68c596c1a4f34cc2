"""membership: a job's place in a batch or workflow, as text and back."""

import pytest

from workerless.membership import Membership, read_membership

PLACES = [
    Membership(container_id="import-7", page="0" * 16, slot="249"),
    Membership(container_id="order:7.1:ship", page="root", slot="12:pay_it-undo"),
]


@pytest.mark.parametrize("place", PLACES)
def test_place_is_read_back(place: Membership) -> None:
    assert read_membership(str(place)) == place


@pytest.mark.parametrize(
    "told",
    [None, 7, "", "a/root", "a/b/c", "a/root/", "/root/x", "a/root/x/y", "a/root/ü", "-a/root/x"],
)
def test_anything_else_is_refused(told: object) -> None:
    with pytest.raises(ValueError, match="batchid must be <container>/<page>/<slot>, got"):
        read_membership(told)
