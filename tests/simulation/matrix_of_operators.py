"""The matrix of people's decisions, and of what is filed. ``matrix.py`` says how to read."""

type Steps = dict[str, dict[str, tuple[str, ...]]]

_STORE = "contract/test_store_redrive.py::"
_DYNAMO = "contract/test_dynamodb_redrive.py::"
_FILING = "unit/execution/test_filing.py::"
_LETTER = "unit/execution/test_letter_filed.py::"

STEPS: Steps = {
    "redrive a failed job": {
        "crash before": ("it is failed still", "sim redrive: crash before"),
        "crash after": ("it waits, and the sweeper sends it", "sim redrive: crash after"),
        "answer lost": (
            "asked for again under its name, it is found done",
            "sim redrive: answer lost",
            "sim redrive: answer lost, repeated",
            _DYNAMO + "test_decision_whose_answer_was_lost_is_done_once",
        ),
        "duplicate": (
            "of two one is done, and the other told so",
            "sim decided: retry: skipped",
            _STORE + "test_of_two_redrives_one_is_done",
        ),
        "throttled": ("the caller is told, and asks again", "sim redrive: throttled"),
        "zombie": (
            "messages of the life before are stale",
            "sim claim met: stale",
            _STORE + "test_redriven_job_is_claimed_by_a_message_of_its_generation_only",
        ),
        "condition failed": (
            "left alone: it has moved since it was seen",
            _STORE + "test_job_that_has_moved_since_it_was_seen_is_left_alone",
        ),
        "partial batch": (
            "what a batch does not settle is asked about by itself",
            _DYNAMO + "test_decision_of_a_batch_that_tells_nothing_is_found_done",
        ),
        "file missing": (
            "the body is stored again",
            _DYNAMO + "test_body_that_dynamodb_deleted_since_it_was_read_is_stored_again",
        ),
    },
    "send a redriven job": {
        "crash before": ("the sweeper sends it", "sim send again: crash before"),
        "crash after": ("it is on its way", "sim send again: crash after"),
        "answer lost": ("sent twice: the claim knows a duplicate", "sim send again: answer lost"),
        "throttled": ("the sweeper sends it", "sim send again: throttled"),
    },
    "dismiss a failed job": {
        "crash before": ("it is failed still", "sim dismiss: crash before"),
        "answer lost": (
            "asked for again under its name, it is found done",
            "sim dismiss: answer lost",
            _STORE + "test_dismissal_asked_for_again_is_done_once",
        ),
        "throttled": ("the caller is told, and asks again", "sim dismiss: throttled"),
        "condition failed": (
            "left alone: it has moved since it was seen",
            _STORE + "test_job_that_has_moved_since_it_was_seen_is_left_alone",
        ),
    },
    "file a dead letter": {
        "crash after": (
            "its letter is known for the record's own, and goes",
            _FILING + "test_who_dies_before_the_letter_goes_finds_it_filed",
        ),
        "duplicate": (
            "a second letter of the job stays",
            _LETTER + "test_second_letter_of_a_filed_job_stays",
        ),
        "throttled": ("the letter stays", _FILING + "test_letter_that_could_not_be_filed_stays"),
        "condition failed": (
            "the letter stays: its id was taken meanwhile",
            _FILING + "test_letter_whose_id_another_took_at_the_last_moment_stays",
        ),
        "file missing": (
            "filed all the same: whoever runs it finds out",
            _FILING + "test_payload_file_of_a_filed_job_is_kept_as_long_as_its_record",
        ),
    },
}
