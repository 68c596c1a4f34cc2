"""The matrix, from the producer's call to an attempt's start. ``matrix.py`` says how to read."""

type Steps = dict[str, dict[str, tuple[str, ...]]]

_ENQUEUE = "unit/client/test_enqueue.py::"
_SWEEP = "unit/execution/test_sweep.py::"
_LOST = "contract/test_dynamodb_lost_answers.py::"
_SKEW = "simulation/test_skew.py::test_clocks_that_disagree_cost_attempts_and_never_results"
_BATCHES = "unit/client/test_enqueue_many.py::"

STEPS: Steps = {
    "put the record": {
        "crash before": ("no job, and its producer may start over", "sim put: crash before"),
        "crash after": (
            "a record without a message: the sweeper sends it",
            "sim put: crash after",
            _SWEEP + "test_job_whose_message_was_never_sent_is_sent",
        ),
        "answer lost": (
            "whoever repeats it finds its own record, and knows it",
            "sim put: answer lost",
            "sim put: answer lost, repeated",
            _LOST + "test_put_whose_answer_was_lost_counts_as_created",
        ),
        "throttled": (
            "the caller is told, and nothing was sent",
            "sim put: throttled",
            _ENQUEUE + "test_store_that_is_down_means_nothing_is_sent",
        ),
        "condition failed": (
            "the same payload is the same job, another is a conflict",
            _ENQUEUE + "test_same_id_and_payload_is_the_same_job",
            _ENQUEUE + "test_taken_id_is_a_conflict_and_nothing_is_sent",
        ),
        "partial batch": (
            "each entry has its own answer",
            _BATCHES + "test_conflict_among_many_is_named_and_the_others_are_on_their_way",
        ),
        "file missing": (
            "no record without its file: the file comes first",
            "sim put in payloads: crash before",
            "unit/execution/test_payload_files.py::test_nothing_is_stored_when_the_payload_cannot_be",
        ),
        "clock skew": (
            "ids are not made of time, nor does a producer's clock hold a job up",
            "unit/client/test_enqueue_json.py::test_new_ids_are_unique",
            "unit/execution/test_messages.py::test_producer_whose_clock_is_ahead_delays_nobody",
        ),
    },
    "send the message": {
        "crash before": ("the sweeper sends it", "sim send: crash before"),
        "answer lost": (
            "sent again: a duplicate, which the claim knows",
            "sim send: answer lost",
            "sim send: answer lost, repeated",
        ),
        "throttled": (
            "the caller is told, enqueueing again sends it, and so does the sweeper",
            "sim send: throttled",
            _ENQUEUE + "test_message_that_was_not_sent_is_sent_by_enqueueing_again",
        ),
        "partial batch": (
            "what failed is sent again alone, what keeps failing is named",
            "sim send: partial batch",
            "contract/test_sqs.py::test_entry_that_failed_is_sent_again_alone",
            _BATCHES + "test_failed_entries_are_named_and_all_others_are_on_their_way",
        ),
    },
    "send a parked job": {
        "crash before": (
            "looked at again later, and sent then",
            "sim resend: crash before",
            "sim postpone: crash after",
        ),
        "answer lost": ("sent again: a duplicate", "sim resend: answer lost"),
        "duplicate": (
            "of many sweepers one sends",
            _SWEEP + "test_parked_job_is_sent_once_however_many_sweepers_run",
        ),
        "throttled": ("the next sweep sends it", "sim resend: throttled", "sim due: throttled"),
        "condition failed": (
            "who does not put the job off does not send it",
            "contract/test_store_due.py::test_job_is_put_off_by_one_of_two_who_found_it",
        ),
        "partial batch": (
            "what was refused is looked at again",
            "unit/execution/test_sweep_faults.py::test_message_that_cannot_be_sent_is_tried_again_later",
        ),
        "clock skew": (
            "who comes early waits for the record's time",
            "sim claim met: early",
            _SKEW,
        ),
    },
    "receive": {
        "crash before": ("it comes back, one receive older", "sim receive: throttled receive"),
        "crash after": ("it comes back, one receive older", "sim claim: crash before"),
        "answer lost": ("it comes back, one receive older", "sim receive: throttled receive"),
        "duplicate": ("the claim decides", "sim receive: duplicate delivery"),
        "throttled": (
            "it comes back; the fuse is longer than the attempts",
            "sim receive: throttled receive",
            "infra/test_relations.py::test_relation_holds",
        ),
    },
    "claim": {
        "crash before": ("it comes back, no attempt spent", "sim claim: crash before"),
        "crash after": (
            "the lease runs out; a last attempt that died alone ends as crash_loop",
            "sim claim: crash after",
            "sim claim met: crashed",
            "sim claim met: exhausted",
            "unit/execution/test_crashes.py::test_job_that_kills_its_process_fails_as_a_crash_loop",
        ),
        "answer lost": (
            "its own token tells that it won",
            "sim claim: answer lost, repeated",
            _LOST + "test_claim_whose_answer_was_lost_is_granted_once",
        ),
        "duplicate": (
            "hidden until the lease ends, no attempt spent",
            "sim claim met: leased",
            "contract/test_store_claim.py::test_running_job_is_left_alone",
        ),
        "throttled": (
            "it comes back, no attempt spent",
            "sim claim: throttled",
            "unit/execution/test_faults.py::test_store_that_is_down_at_the_claim_costs_no_attempt",
        ),
        "zombie": (
            "who claims late and finds another at work waits; who was taken over is fenced",
            "sim claim: slow after",
            "sim claim: slow before",
            "contract/test_store_claim.py::test_takeover_shuts_out_the_attempt_before",
        ),
        "condition failed": (
            "the record that stood there says what follows",
            "sim claim met: granted",
            "sim claim met: ended",
            "sim claim met: leased",
            "sim claim met: early",
            "sim claim met: taken",
            _LOST + "test_claim_that_loses_a_race_is_judged_by_the_winner",
        ),
        "clock skew": ("an early takeover is a run too many, never two results", _SKEW),
    },
}
