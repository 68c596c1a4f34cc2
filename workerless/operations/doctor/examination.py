"""All rules, and the doctor who asks about each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from workerless.deployed import DeployedCore, DeployedJobType, Platform
from workerless.flow_ports import SettingsStore
from workerless.operations.doctor import (
    alarm_rules,
    core_rules,
    failure_rules,
    function_rules,
    mapping_rules,
    queue_rules,
    schedule_rules,
)
from workerless.operations.doctor.finding import Finding
from workerless.operations.metrics import metrics
from workerless.operator_ports import SearchStore
from workerless.ports import Address, Clock, Directory
from workerless.pulse import Pulses
from workerless.schedule_ports import Plans

QUEUE_RULES: Sequence[Callable[[DeployedJobType], Iterator[Finding]]] = (
    queue_rules.visibility_outlives_the_function,
    queue_rules.fuse_is_generous,
    queue_rules.dead_letters_have_their_queue,
    queue_rules.dead_letters_outlive_messages,
    queue_rules.queues_are_encrypted,
    queue_rules.queues_are_tls_only,
    mapping_rules.one_mapping_reads_the_queue,
    mapping_rules.batches_fail_in_part,
    mapping_rules.concurrency_is_the_mappings,
    mapping_rules.events_are_counted,
    alarm_rules.age_rings,
)
JOB_TYPE_RULES: Sequence[Callable[[DeployedJobType], Iterator[Finding]]] = (
    queue_rules.queues_are_there,
    queue_rules.dead_letters_are_its_own,
    mapping_rules.nobody_reads_the_dead_letters,
    function_rules.function_is_ready,
    function_rules.live_is_called,
    function_rules.reserve_is_enough,
    function_rules.function_may_loop,
    function_rules.log_ends,
    function_rules.function_knows_its_queue,
    alarm_rules.dead_letters_ring,
    alarm_rules.alarms_tell_somebody,
    alarm_rules.idle_queues_are_quiet,
)
CORE_RULES: Sequence[Callable[[DeployedCore], Iterator[Finding]]] = (
    core_rules.table_answers,
    core_rules.records_expire,
    core_rules.records_are_safe,
    core_rules.functions_are_called,
    core_rules.alarms_are_heard,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What was found, what is broken first; what was looked at, and which rules were not."""

    findings: tuple[Finding, ...]
    job_types: tuple[str, ...]
    unasked: tuple[str, ...]

    @property
    def is_broken(self) -> bool:
        return any(finding.is_broken for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    """Looks at a deployed stage; changes nothing. ``unasked`` are rules that say nothing there."""

    platform: Platform
    directory: Directory
    pulses: Pulses
    settings: SettingsStore
    store: SearchStore
    plans: Plans
    clock: Clock
    unasked: frozenset[str] = frozenset()

    def examine(self, *, seen: Callable[[str], None] = lambda _: None) -> Diagnosis:
        """Everything that breaks a rule; ``seen`` is told of each part before it is looked at.

        Raises ``PlatformUnavailableError`` and ``StoreUnavailableError``.
        """
        seen("core")
        findings = [*self._core(self.platform.core())]
        addresses = self.directory.all()
        for address in addresses:
            seen(address.job_type)
            findings += self._job_type(address)
        known = [url for one in addresses for url in (*one.queues, one.dead_letters)]
        findings += queue_rules.queues_are_declared(self.platform.queues_beside(known))
        asked = (finding for finding in findings if finding.rule not in self.unasked)
        return Diagnosis(
            findings=tuple(sorted(asked, key=lambda finding: not finding.is_broken)),
            job_types=tuple(one.job_type for one in addresses),
            unasked=tuple(sorted(self.unasked)),
        )

    def _core(self, core: DeployedCore) -> Iterator[Finding]:
        for rule in CORE_RULES:
            yield from rule(core)
        if core.table:
            yield from core_rules.sweeper_lives(core, self.pulses.last(), self.clock.now())

        if plans := {one: plan for one, plan in self.plans.all().items() if plan is not None}:
            yield from schedule_rules.schedules_are_deployed(plans, self.platform.schedules())

    def _job_type(self, address: Address) -> Iterator[Finding]:
        deployed = self.platform.job_type(address)
        now = self.clock.now()
        (settings,) = self.settings.read_many([address.job_type])
        found = [finding for rule in JOB_TYPE_RULES for finding in rule(deployed)]
        for one in deployed.each_queue():
            found += [finding for rule in QUEUE_RULES for finding in rule(one)]
            found += mapping_rules.mapping_is_as_meant(one, settings, now)
            found += mapping_rules.bound_is_within_its_scale(one)
        found += failure_rules.jobs_complete(address.job_type, metrics(self.store, address, now))
        # What the queues share was looked at with each of them.
        yield from dict.fromkeys(found)
