"""All promises, and what to say when one is broken."""

from collections.abc import Callable, Iterator

from tests.simulation import checkpoint_checkers as checkpoint
from tests.simulation import decision_checkers as decision
from tests.simulation import message_checkers as message
from tests.simulation import queue_checkers as queue
from tests.simulation import record_checkers as record
from tests.simulation import untracked_checkers as untracked
from tests.simulation.history import History
from workerless.tracking import Tracking

type Checker = Callable[[History], Iterator[str]]

_ALWAYS: tuple[Checker, ...] = (
    record.no_job_completes_twice,
    record.only_allowed_transitions,
    record.what_a_job_is_never_changes,
    record.attempts_stay_within_their_limit,
    record.attempts_are_counted_as_documented,
    record.starts_are_bounded,
    record.who_takes_over_from_company_is_alone,
    record.only_who_was_alone_is_blamed_for_a_crash,
    record.what_nobody_knows_is_not_repeated,
    record.no_live_lease_is_taken,
    record.no_job_runs_before_its_time,
    record.only_the_holder_of_the_lease_writes,
    record.only_jobs_at_rest_are_given_up,
    record.who_repeats_a_write_learns_that_it_won,
    record.hooks_are_called_once_a_transition,
    record.lean_jobs_are_put_only_to_be_parked,
    checkpoint.who_starts_begins_where_the_job_was,
    checkpoint.no_job_is_taken_back,
    checkpoint.only_who_has_moved_continues,
    checkpoint.who_has_moved_is_not_given_up,
    decision.only_failed_jobs_are_decided_about,
    decision.each_decision_is_carried_out_once,
    decision.who_decides_is_told_the_truth,
    decision.no_message_is_ahead_of_its_record,
    message.nothing_unexpected_is_raised,
    message.the_world_comes_to_rest,
    message.an_acknowledged_message_is_needed_no_more,
    message.records_come_before_their_messages,
    message.waiting_never_blows_a_fuse,
    message.no_message_outlives_its_queue,
    message.every_failed_job_has_its_letter,
    message.every_letter_says_why,
    message.payloads_are_read_as_they_were_sent,
    message.payloads_run_byte_by_byte_as_they_were_sent,
    message.results_are_those_of_their_jobs,
    queue.the_queue_repeats_and_invents_nothing,
    message.only_lost_payloads_are_missed,
)
WITH_SWEEPER = (
    *_ALWAYS,
    message.every_job_ends,
    message.every_letter_has_a_reason,
    queue.the_queue_loses_nothing,
)
WITHOUT_SWEEPER = (*_ALWAYS, message.every_accepted_job_ends_or_needs_a_sweeper)


# Of jobs without records, with a sweeper or without one.
_UNTRACKED: tuple[Checker, ...] = (
    untracked.no_job_is_recorded,
    untracked.every_untracked_job_ends,
    untracked.only_an_ended_job_loses_its_last_message,
    untracked.every_untracked_failure_has_its_letter,
    untracked.every_untracked_letter_is_of_a_failure,
    untracked.attempts_are_counted_by_receives,
    untracked.no_untracked_message_outlives_its_queue,
    untracked.what_was_filed_goes_once_it_was_sent,
    message.nothing_unexpected_is_raised,
    message.the_world_comes_to_rest,
    message.records_come_before_their_messages,
    message.waiting_never_blows_a_fuse,
)


def broken(history: History, checkers: tuple[Checker, ...] = WITH_SWEEPER) -> list[str]:
    """What broke a promise, by the promise's name; of ``checkers`` where jobs have records."""
    if history.rest().tracking is Tracking.OFF:
        checkers = _UNTRACKED
    return [f"{checker.__name__}: {what}" for checker in checkers for what in checker(history)]
