"""An answer stays below what Lambda can give, whatever jobs were given."""

from tests.unit.http.office import Office
from workerless.http.budget import Budget


def test_what_does_not_fit_is_left_out_and_named() -> None:
    budget = Budget()

    kept, omitted = budget.fit(data="x" * 2_000_000, result="y" * 2_000_000)
    later, too_late = budget.fit(small="z", large="x" * 600_000)

    assert (len(kept["data"]), kept["result"], omitted) == (2_000_000, None, ["result"])
    assert (later, too_late) == ({"small": "z", "large": None}, ["large"])


def test_nothing_is_not_left_out() -> None:
    assert Budget().fit(data=None) == ({"data": None}, [])


def test_page_of_great_payloads_is_still_an_answer() -> None:
    office = Office()
    office.kill(10**4_000)
    office.kill(1)

    answer = office.hand_in("GET /queues/visit/dead")

    assert answer["statusCode"] == 200
    assert len(answer["body"]) < 6_000_000
