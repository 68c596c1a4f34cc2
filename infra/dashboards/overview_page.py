"""The page of a stage: every job type beside the others, and what serves them all.

Each job type has one curve in a graph: what it is made of is on its own page. Curves are written
out, not searched for, so that what a page shows can be computed, and a new job type is there with
its stack. CloudWatch shows 2,500 metrics on a page: some 110 job types.
"""

from collections.abc import Iterator, Mapping, Sequence

from infra.alarms.queue_rows import AGE, VISIBLE
from infra.alarms.row import Measure, Place
from infra.dashboards.console import Console, page_link
from infra.dashboards.panel import (
    BLUE,
    GREEN,
    RED,
    THIRD,
    Curve,
    Figures,
    Graph,
    Shelf,
    Words,
    curve,
    heading,
)
from infra.dashboards.shown import COST, Shown, dollars_of_lambda, labelled, of_letters
from infra.lane import Lane
from infra.settings import Stage
from workerless import metric, naming
from workerless.operations import pricing

_SCHEDULER, _TICKS, _TABLE, _ACCOUNT = "scheduler", "ticks", "table", "account"
_HOUR = 60
type Types = Sequence[Shown]


def shelves(types: Types, stage: Stage, console: Console) -> Iterator[Shelf]:
    """In the order of reading."""
    yield (_words(types, stage, console),)
    yield _health(types)
    yield heading("Flow: what comes, what goes, what waits")
    yield (
        _graph("Jobs enqueued a minute", "jobs", types, metric.JOBS_ENQUEUED, "Sum"),
        _graph("Jobs completed a minute", "jobs", types, metric.JOBS_COMPLETED, "Sum"),
        _of_queues("Jobs that wait", types, VISIBLE),
    )
    yield heading("Latency: how long jobs wait, and how long they run")
    yield (
        _graph("From due to start, p95", "ms", types, metric.QUEUE_WAIT, "p95"),
        _graph("How long attempts run, p95", "ms", types, metric.JOB_DURATION, "p95"),
        _of_queues("Age of the oldest message", types, AGE, unit="seconds"),
    )
    yield heading("Failures and dead letters")
    yield (
        _graph("Jobs that failed for good, a minute", "jobs", types, metric.JOBS_FAILED, "Sum"),
        _graph(
            "Attempts that are retried, a minute", "attempts", types, metric.JOBS_RETRIED, "Sum"
        ),
        Graph(
            title="Dead letters",
            unit="letters",
            left=tuple(
                of_letters(_name(one), _letters(one), number=str(number))
                for number, one in enumerate(types)
            ),
            width=THIRD,
        ),
    )
    yield heading("Flow control: what is held back, and how many run at once")
    yield (
        _graph("Jobs held back, a minute", "times", types, metric.JOBS_DEFERRED, "Sum"),
        _graph("Minutes of a pause", "minutes", types, metric.QUEUE_PAUSED, "Sum"),
        Graph(
            title="Invocations at once, of the whole account",
            unit="invocations",
            left=(curve("at once", _ACCOUNT, "ConcurrentExecutions", "Maximum", BLUE),),
            width=THIRD,
        ),
    )
    yield heading("Schedules, and what serves the stage")
    yield _served(types, stage)
    yield heading(COST)
    yield _cost(types)


def places(types: Types, stage: Stage) -> dict[str, Place]:
    """By names: what is in another stack must not be tied to this one."""
    found = {
        _SCHEDULER: Place(
            namespace="AWS/Scheduler",
            dimensions={"ScheduleGroup": naming.schedule_group(stage.name)},
        ),
        _TICKS: _sqs(naming.ticks_queue(stage.name)),
        _TABLE: Place(namespace="AWS/DynamoDB", dimensions={"TableName": naming.table(stage.name)}),
        _ACCOUNT: Place(namespace="AWS/Lambda", dimensions={}),
    }
    for name in _functions(types, stage):
        found[name] = Place(namespace="AWS/Lambda", dimensions={"FunctionName": name})
    for one in types:
        found[_jobs(one)] = Place(
            namespace=metric.NAMESPACE,
            dimensions={
                metric.SERVICE: metric.service(stage.name),
                metric.JOB_TYPE: _name(one),
            },
        )
        found[_letters(one)] = _sqs(naming.dead_letter_queue(stage.name, _name(one)))
        found |= {lane.queue_name: _sqs(lane.queue_name) for lane in one.lanes}
    return found


def _words(types: Types, stage: Stage, console: Console) -> Words:
    pages = [
        page_link(_name(one), naming.resource(stage.name, _name(one)))
        for one in sorted(types, key=_name)
    ]
    return Words(
        markdown=f"# Stage {stage.name}: {len(types)} job types\n"
        f"{' · '.join(pages)}\n\n"
        f"What alarms mean and what to do: `docs/runbook.md` · "
        f"[all alarms]({console.alarms(f'workerless-{stage.name}-')}) · "
        f"[saved queries]({console.insights}) · first of all "
        f"`workerless health --stage {stage.name}` and `workerless doctor --stage {stage.name}`",
        height=3 + -(-len(types) // 24),
    )


def _health(types: Types) -> Shelf:
    failed = _all(types, metric.JOBS_FAILED, "Sum", "f")
    ended = _all(types, metric.JOB_ATTEMPTS, "SampleCount", "e")
    waiting = {
        f"w{number}": Measure(place=lane.queue_name, name=VISIBLE, statistic="Maximum")
        for number, (_, lane) in enumerate(_lanes(types))
    }
    dead = {
        id_: measure
        for number, one in enumerate(types)
        for id_, measure in of_letters("", _letters(one), number=str(number)).measures.items()
    }
    share = f"100 * FILL({_sum(failed)}, 0) / {_sum(ended)}"
    totals = (
        ("Jobs that ended in five minutes", ended, _sum(ended), GREEN),
        ("Jobs that failed for good, in percent", failed | ended, share, RED),
        ("Jobs that wait", waiting, _sum(waiting), BLUE),
        ("Dead letters", dead, _sum(dead), RED),
    )
    return tuple(
        Figures(
            title=title,
            curves=(Curve(label="all job types", measures=measures, expression=told, color=color),)
            if types
            else (),
            minutes=5,
        )
        for title, measures, told, color in totals
    )


def _served(types: Types, stage: Stage) -> Shelf:
    scheduled = [one for one in types if one.job_type.schedules]
    return (
        _graph("Ticks that were missed", "decisions", scheduled, metric.SCHEDULES_MISSED, "Sum"),
        Graph(
            title="Ticks that EventBridge Scheduler sent, and how long they waited",
            unit="ticks",
            left=(
                curve("tried", _SCHEDULER, "InvocationAttemptCount", "Sum", BLUE),
                curve("refused", _SCHEDULER, "TargetErrorCount", "Sum", RED),
            ),
            right=(curve("oldest", _TICKS, AGE, "Maximum"),),
            right_unit="seconds",
            width=THIRD,
        ),
        Graph(
            title="Crashes and time-outs of functions",
            unit="invocations",
            left=tuple(
                curve(label, name, "Errors", "Sum")
                for name, label in _functions(types, stage).items()
            ),
            width=THIRD,
        ),
    )


def _cost(types: Types) -> Shelf:
    memory = {one.function: one.memory_mb for one in types}
    spent = tuple(
        dollars_of_lambda(function.rpartition("-")[2], function, memory_mb, str(number))
        for number, (function, memory_mb) in enumerate(sorted(memory.items()))
    )
    sent = [
        curve(labelled(_name(one), lane), lane.queue_name, "NumberOfMessagesReceived", "Sum")
        for one, lane in _lanes(types)
    ]
    return (
        Graph(
            title="Lambda",
            unit="dollars",
            left=spent,
            minutes=_HOUR,
            stacked=True,
            width=THIRD,
        ),
        Graph(
            title="SQS: messages received",
            unit="messages",
            left=tuple(sent),
            minutes=_HOUR,
            stacked=True,
            width=THIRD,
        ),
        Graph(
            title="DynamoDB",
            unit="dollars",
            left=(
                _of_table("written", "Write", pricing.DYNAMODB_WRITE_UNIT, BLUE),
                _of_table("read", "Read", pricing.DYNAMODB_READ_UNIT, GREEN),
            ),
            minutes=_HOUR,
            stacked=True,
            width=THIRD,
        ),
    )


def _of_table(label: str, kind: str, price: float, color: str) -> Curve:
    used = Measure(place=_TABLE, name=f"Consumed{kind}CapacityUnits", statistic="Sum")
    return Curve(
        label=label, measures={label: used}, expression=f"{label} * {price:.9f}", color=color
    )


def _graph(title: str, unit: str, types: Types, name: str, statistic: str) -> Graph:
    """Of all job types, by what their jobs tell."""
    return Graph(
        title=title,
        unit=unit,
        left=tuple(curve(_name(one), _jobs(one), name, statistic) for one in types),
        width=THIRD,
    )


def _of_queues(title: str, types: Types, name: str, unit: str = "jobs") -> Graph:
    return Graph(
        title=title,
        unit=unit,
        left=tuple(
            curve(labelled(_name(one), lane), lane.queue_name, name, "Maximum")
            for one, lane in _lanes(types)
        ),
        width=THIRD,
    )


def _all(types: Types, name: str, statistic: str, id_: str) -> dict[str, Measure]:
    return {
        f"{id_}{number}": Measure(place=_jobs(one), name=name, statistic=statistic)
        for number, one in enumerate(types)
    }


def _sum(measures: Mapping[str, Measure]) -> str:
    # No space, and ids of a letter: an expression may have 2,048 characters.
    return f"SUM([{','.join(measures)}])"


def _lanes(types: Types) -> list[tuple[Shown, Lane]]:
    return [(one, lane) for one in types for lane in one.lanes]


def _functions(types: Types, stage: Stage) -> dict[str, str]:
    """What to call each: by the job type, the pool, or what it does for the stage."""
    serving = [naming.sweeper, naming.operator, naming.ticker, naming.orchestrator, naming.api]
    serving += [naming.publisher] if stage.lifecycle else []
    names = [one.function for one in types] + [name(stage.name) for name in serving]
    return {name: name.removeprefix(f"workerless-{stage.name}-").lstrip("-") for name in names}


def _sqs(queue: str) -> Place:
    return Place(namespace="AWS/SQS", dimensions={"QueueName": queue})


def _name(one: Shown) -> str:
    return one.job_type.name


def _jobs(one: Shown) -> str:
    return f"jobs of {_name(one)}"


def _letters(one: Shown) -> str:
    return f"letters of {_name(one)}"
