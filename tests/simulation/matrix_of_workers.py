"""The matrix, from the handler's start to the message's end. ``matrix.py`` says how to read."""

type Steps = dict[str, dict[str, tuple[str, ...]]]

_FAULTS = "unit/execution/test_faults.py::"
_FINISH = "contract/test_store_finish.py::"
_LOST = "contract/test_dynamodb_lost_answers.py::"
_LONG = "unit/execution/test_long_jobs.py::"
_ONCE = "unit/execution/test_once.py::"
_SKEW = "simulation/test_skew.py::test_clocks_that_disagree_cost_attempts_and_never_results"
_TWIN = "test_two_who_find_a_last_attempt_dead_do_not_both_end_it"
_FILES = "unit/execution/test_payload_files.py::"
_RESULTS = "unit/execution/test_result_files.py::"
_MARKED_LATE = "unit/execution/test_members.py::test_mark_that_is_not_written_keeps_the_message"
_CONTAINERS = "contract/test_container_store.py::"
_OLD_MARK = f"{_CONTAINERS}test_later_mark_stands_whatever_comes_after_it"
_BATCHES = "simulation/test_batches.py::test_no_member_is_lost_and_each_batch_ends_once"

STEPS: Steps = {
    "run the handler": {
        "crash before": ("the lease runs out, the next attempt runs", "sim claim: crash after"),
        "crash after": (
            "the lease runs out, the next attempt runs",
            "sim handler: kill",
            "sim finish: crash before",
        ),
        "answer lost": (
            "told by SoftTimeout, killed at Lambda's timeout, run again",
            "sim handler: run into its soft timeout",
            "sim handler: killed at timeout",
        ),
        "duplicate": ("not run: another attempt holds the lease", "sim claim met: leased"),
        "throttled": (
            "the job type's own retries",
            "sim handler: raise",
            "sim outcome: job.retried",
        ),
        "zombie": (
            "what it did counts for nothing",
            "sim handler: outlives its timeout",
            "sim outcome: job.fenced",
            _FAULTS + "test_attempt_that_lost_its_lease_changes_nothing_and_does_not_acknowledge",
        ),
        "file missing": (
            "fails at once, only where there certainly is none",
            _FILES + "test_payload_that_is_gone_fails_its_job_without_a_start",
            "contract/test_s3.py::test_denied_key_is_missing_only_where_the_list_says_so",
        ),
    },
    "a side effect": {
        "crash before": ("the next attempt has it", "sim handler: kill"),
        "crash after": (
            "it may happen again, unless it was done once by name",
            "sim finish: crash before",
            _ONCE + "test_step_that_was_done_is_not_repeated_by_the_retry",
        ),
        "answer lost": (
            "it may happen again, unless it was done once by name",
            "sim handler: raise",
            _ONCE + "test_step_that_was_done_is_not_repeated_by_the_retry",
        ),
        "duplicate": ("not run: another attempt holds the lease", "sim claim met: leased"),
        "throttled": ("the job type's own retries", "sim handler: raise"),
        "zombie": (
            "it may happen beside the next attempt's: job ids are keys",
            "sim handler: sleep through its lease, then succeed",
            "unit/execution/test_faults.py::test_attempt_that_lost_its_lease_is_told_at_its_next_progress",
        ),
        "condition failed": (
            "a step is kept by the holder of the lease only",
            _ONCE + "test_attempt_that_was_taken_over_keeps_no_step",
        ),
    },
    "keep a checkpoint": {
        "crash before": (
            "the next attempt goes on at the one before",
            "sim checkpoint: crash before",
        ),
        "crash after": ("the next attempt goes on there", "sim checkpoint: crash after"),
        "answer lost": (
            "written again, under the same token",
            "sim checkpoint: answer lost, repeated",
            _LONG + "test_checkpoint_that_cannot_be_written_is_kept_with_the_end",
        ),
        "throttled": (
            "the attempt has failed, and costs none if it came further",
            "sim checkpoint: throttled",
            _LONG + "test_checkpoint_that_cannot_be_written_is_kept_with_the_end",
        ),
        "zombie": (
            "refused, and told so",
            "sim handler: sleep through its lease, then keep a checkpoint",
            _LONG + "test_attempt_that_was_taken_over_keeps_no_checkpoint",
        ),
        "condition failed": (
            "refused, and told so",
            "contract/test_store_checkpoint.py::test_checkpoint_is_kept_while_the_token_holds",
        ),
    },
    "write a result's file": {
        "crash before": ("the next attempt writes its own", "sim put in results: crash before"),
        "crash after": (
            "a file nobody names, deleted by its age",
            "sim put in results: crash after",
        ),
        "answer lost": (
            "the same key again, with the same bytes",
            "sim put in results: answer lost, repeated",
        ),
        "duplicate": ("not written: another attempt holds the lease", "sim claim met: leased"),
        "throttled": (
            "kept in the record where that can hold it, else the attempt has failed",
            "sim put in results: throttled",
            _RESULTS + "test_result_that_cannot_be_filed_is_crammed_into_its_record",
            _RESULTS + "test_result_that_no_record_holds_either_costs_an_attempt",
        ),
        "zombie": (
            "a key of its own, which no record names",
            "sim outcome: job.fenced",
            _RESULTS + "test_result_of_an_attempt_that_was_taken_over_overwrites_no_other",
        ),
        "condition failed": (
            "what is there is never overwritten by another's",
            _RESULTS + "test_result_of_an_attempt_that_was_taken_over_overwrites_no_other",
            "contract/test_s3.py::test_file_written_again_is_replaced_and_never_goes_earlier",
        ),
        "file missing": (
            "readers are told; the job stays completed",
            _RESULTS + "test_result_that_is_gone_says_so_and_its_job_stays_completed",
        ),
    },
    "finish": {
        "crash before": ("the lease runs out, the next attempt runs", "sim finish: crash before"),
        "crash after": (
            "its message finds the end: acknowledged without a run",
            "sim finish: crash after",
            "sim outcome: job.duplicate",
        ),
        "answer lost": (
            "its own token and instant tell that it won",
            "sim finish: answer lost",
            "sim finish: answer lost, repeated",
            _LOST + "test_finish_whose_answer_was_lost_is_done_once",
        ),
        "duplicate": (
            "its message finds the end: acknowledged without a run",
            "sim outcome: job.duplicate",
            "unit/execution/test_messages.py::test_duplicate_of_an_ended_job_is_acknowledged_without_a_run",
        ),
        "throttled": (
            "the message is kept, the lease runs out, the next attempt runs",
            "sim finish: throttled",
            _FAULTS + "test_store_that_is_down_at_the_finish_keeps_the_message",
        ),
        "zombie": (
            "refused, and not acknowledged",
            "sim outcome: job.fenced",
            "sim finish: slow before",
        ),
        "condition failed": (
            "refused, and not acknowledged",
            _FINISH + "test_finish_of_another_attempt_is_fenced",
            _FINISH + "test_finish_that_contradicts_the_one_before_is_fenced",
        ),
    },
    "hide for a retry": {
        "crash before": ("visibility or the sweeper brings it back", "sim hide: crash before"),
        "answer lost": ("the record says when; who comes early waits", "sim hide: answer lost"),
        "duplicate": ("early: hidden until run_at", "sim claim met: early"),
        "throttled": ("visibility or the sweeper brings it back", "sim hide: throttled"),
        "zombie": (
            "an old receipt hides nothing of importance",
            "sim hide: slow before",
            "contract/test_doubles.py::test_stale_receipt_does_nothing",
        ),
        "clock skew": ("the record's time wins", "sim claim met: early", _SKEW),
    },
    "send the dead letter": {
        "crash before": (
            "the message returns, finds failed, and it is sent",
            "sim dead letter: crash before",
        ),
        "crash after": (
            "the message returns: it may be there twice",
            "sim dead letter: crash after",
        ),
        "answer lost": ("it may be there twice", "sim dead letter: answer lost"),
        "duplicate": (
            "each finds failed and sends it: it may be there twice",
            "sim outcome: job.duplicate",
        ),
        "throttled": (
            "the message is kept until it is sent",
            "sim dead letter: throttled",
            _FAULTS + "test_dead_letter_that_cannot_be_sent_is_sent_when_the_message_returns",
        ),
        "zombie": ("fenced: it sends none", "sim outcome: job.fenced"),
        "condition failed": (
            "of two who find the last attempt dead one ends the job",
            "simulation/test_regressions.py::" + _TWIN,
        ),
        "file missing": (
            "dead-lettered with its reason",
            "e2e/test_files.py::test_payload_that_somebody_deleted_fails_its_job",
        ),
        "clock skew": (
            "its age is SQS' own; it is kept longer than its queue keeps anything",
            "infra/test_relations.py::test_relation_holds",
            _SKEW,
        ),
    },
    "mark a member's slot": {
        "crash before": (
            "the sweeper reads the record",
            "unit/execution/test_workflow_sweep.py::test_end_that_nobody_marked_is_found",
        ),
        "crash after": ("the next delivery marks again", _MARKED_LATE),
        "answer lost": (
            "marked once",
            f"{_CONTAINERS}test_only_the_first_to_tell_a_mark_told_something_new",
        ),
        "duplicate": (
            "marked again, which changes nothing",
            f"{_CONTAINERS}test_later_mark_stands_whatever_comes_after_it",
        ),
        "throttled": ("the message comes back, and it is marked", _MARKED_LATE),
        "zombie": ("an older mark changes nothing", _OLD_MARK),
        "condition failed": ("an older mark changes nothing", _OLD_MARK),
    },
    "enqueue a follow-up": {
        "crash before": ("an order or the sweeper makes it", _BATCHES),
        "crash after": ("the sweeper sends it", _BATCHES),
        "answer lost": ("its id is told by its container: the same job", _BATCHES),
        "duplicate": ("the same job", _BATCHES),
        "throttled": ("an order or the sweeper makes it", _BATCHES),
        "zombie": ("the same job", _BATCHES),
        "condition failed": ("it is there: good", _BATCHES),
        "partial batch": ("what failed is sent again", _BATCHES),
    },
    "acknowledge": {
        "crash before": ("it comes back and finds the end", "sim delete: delete lost"),
        "answer lost": ("it comes back and finds the end", "sim delete: delete lost"),
        "duplicate": ("it comes back and finds the end", "sim outcome: job.duplicate"),
        "throttled": ("it comes back and finds the end", "sim delete: delete lost"),
        "zombie": (
            "a late delete takes a message that the sweeper can send again",
            "sim delete: late delete",
            "sim delete: stale, deleted all the same",
            "sim delete: stale, left there",
        ),
        "partial batch": (
            "exactly the kept come back",
            "unit/test_response.py::test_exactly_the_kept_messages_are_reported_as_failed",
        ),
    },
}
