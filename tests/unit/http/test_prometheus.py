"""The text that Prometheus reads."""

from workerless.http.prometheus import BUCKETS, Family, Sample, histogram, text


def test_family_is_told_of_once_and_its_samples_follow() -> None:
    family = Family(
        name="queue_depth",
        kind="gauge",
        help="jobs that\nwait",
        samples=(Sample(labels={"queue_name": 'a"\\\n'}, value=3), Sample(labels={}, value=0.5)),
    )

    assert text([family]) == (
        "# HELP queue_depth jobs that\\nwait\n"
        "# TYPE queue_depth gauge\n"
        'queue_depth{queue_name="a\\"\\\\\\n"} 3\n'
        "queue_depth{} 0.5\n"
    )


def test_histogram_counts_what_is_at_most_each_bound() -> None:
    samples = histogram({"job_name": "a"}, [0.1, 0.4, 61.0])

    counts = {one.labels["le"]: one.value for one in samples if one.suffix == "_bucket"}
    assert list(counts) == [*(f"{one:g}" for one in BUCKETS), "+Inf"]
    assert (counts["0.1"], counts["0.5"], counts["60"], counts["+Inf"]) == (1, 2, 2, 3)
    assert [(one.suffix, one.value) for one in samples[-2:]] == [("_sum", 61.5), ("_count", 3)]
