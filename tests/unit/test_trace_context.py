"""W3C's trace context and X-Ray's, one from the other."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from workerless.origin import correlated
from workerless.trace_context import from_xray, is_w3c, to_xray, traceparent_here

TRACE, SPAN = "5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
W3C = f"00-{TRACE}-{SPAN}-01"
XRAY = f"Root=1-5759e988-bd862e3fe1be46a994272793;Parent={SPAN};Sampled=1"


def test_one_is_the_other() -> None:
    assert to_xray(W3C) == XRAY
    assert from_xray(XRAY) == W3C


def test_what_is_not_sampled_is_said_so_but_not_taken_over() -> None:
    unsampled = XRAY.replace("Sampled=1", "Sampled=0")

    assert to_xray(W3C[:-1] + "0") == unsampled
    assert from_xray(unsampled) is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        ";;=",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
        XRAY.replace(SPAN, "0" * 16),
        XRAY.replace("Root=1-", "Root=2-"),
        XRAY.replace("Sampled=1", "Sampled=?"),
    ],
)
def test_half_a_header_is_none(header: str) -> None:
    assert from_xray(header) is None


def test_order_spaces_and_what_else_is_in_a_header_do_not_matter() -> None:
    root, parent, sampled = XRAY.split(";")

    assert from_xray(f"{sampled}; Self=1-2-3;{parent}; Lineage=a:0;{root}") == W3C


@pytest.mark.parametrize(
    "value",
    ["", "t", W3C.upper(), f"ff{W3C[2:]}", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01"],
)
def test_what_is_no_trace_context_is_no_header(value: str) -> None:
    assert not is_w3c(value)
    assert to_xray(value) is None


def test_traced_invocation_begins_the_trace_of_what_it_enqueues() -> None:
    assert traceparent_here({"_X_AMZN_TRACE_ID": XRAY}) == W3C
    assert traceparent_here({}) is None


def test_job_or_request_counts_more_than_the_invocation() -> None:
    with correlated("order-7", traceparent="00-1-2-01"):
        assert traceparent_here({"_X_AMZN_TRACE_ID": XRAY}) == "00-1-2-01"


@pytest.mark.parametrize(
    ("span", "of_job", "counts"),
    [
        ((int(TRACE, 16), 7), None, f"00-{TRACE}-{7:016x}-01"),
        ((int(TRACE, 16), 7), W3C, f"00-{TRACE}-{7:016x}-01"),
        ((1, 7), W3C, W3C),  # the invocation's, as a layer makes it
        ((1, 7), "t", f"00-{1:032x}-{7:016x}-01"),
        ((0, 0), W3C, W3C),
    ],
)
def test_span_of_the_program_counts_within_its_trace(
    monkeypatch: pytest.MonkeyPatch, span: tuple[int, int], of_job: str | None, counts: str
) -> None:
    context = SimpleNamespace(
        trace_id=span[0], span_id=span[1], trace_flags=1, is_valid=span != (0, 0)
    )
    current = SimpleNamespace(get_span_context=lambda: context)
    loaded = ModuleType("opentelemetry.trace")
    vars(loaded)["get_current_span"] = lambda: current
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", loaded)

    with correlated("order-7", traceparent=of_job):
        assert traceparent_here({}) == counts
