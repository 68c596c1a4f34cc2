"""The page of one job type, from the top: is it well, does it flow, how long, what failed, why.

Each shelf answers one question. Curves of queues and mappings are there for each lane.
"""

from collections.abc import Iterator

from infra.dashboards import flow_shelves, running_shelves, trouble_shelves
from infra.dashboards.console import Console, page_link
from infra.dashboards.panel import Shelf, Words, heading
from infra.dashboards.shown import COST, Shown
from infra.settings import Stage
from workerless import naming


def shelves(shown: Shown, words: Words) -> Iterator[Shelf]:
    """In the order of reading."""
    yield (words,)
    yield flow_shelves.health(shown.lanes)
    yield heading("Flow: what comes, what goes, what waits")
    yield flow_shelves.flow(shown.lanes)
    yield heading("Latency: how long jobs wait, and how long they run")
    yield flow_shelves.latency(shown)
    yield heading("Failures: attempts that fail, jobs that die, processes that crash")
    yield from trouble_shelves.failures(shown)
    yield heading("Dead letters: what waits for somebody")
    yield trouble_shelves.letters()
    yield heading("Flow control: what holds jobs back, and how many run at once")
    yield running_shelves.control(shown.lanes)
    if shown.job_type.schedules:
        yield heading("Schedules")
        yield running_shelves.schedules()
    yield heading(COST)
    yield running_shelves.cost(shown)


def words(shown: Shown, stage: Stage, console: Console) -> Words:
    """What the job type is and whose, and where to look on."""
    job_type, name = shown.job_type, naming.resource(stage.name, shown.job_type.name)
    runbook = f" · [its own runbook]({job_type.runbook})" if job_type.runbook else ""
    links = [
        *(_link(lane.queue_name, console.queue(lane.queue_name)) for lane in shown.lanes),
        _link("dead letters", console.queue(naming.dead_letter_queue(stage.name, job_type.name))),
        _link("function", console.function(shown.function)),
        _link("log", console.log(shown.function)),
        _link("saved queries", console.insights),
        _link("alarms", console.alarms(f"{name}-")),
        page_link("all job types", naming.overview(stage.name)),
    ]
    return Words(
        markdown=f"# {job_type.name} ({stage.name})\n{job_type.description}\n\n"
        f"Owner: **{job_type.owner or 'nobody yet'}** · what alarms mean and what to do: "
        f"`docs/runbook.md`{runbook}\n\n{' · '.join(links)}\n\n"
        f"Up to {job_type.retry.attempts} attempts of at most "
        f"{job_type.timeout.total_seconds():g} s, {_at_once(shown)} invocations at once, "
        f"in batches of at most {job_type.batch_size}. "
        f"`workerless queues stats {job_type.name} --stage {stage.name}` says more.",
        height=5,
    )


def _at_once(shown: Shown) -> str:
    """In all, and each lane's share."""
    shares = ", ".join(f"{lane.name} {lane.concurrency}" for lane in shown.lanes if lane.name)
    return f"{sum(lane.concurrency for lane in shown.lanes)}{shares and f' ({shares})'}"


def _link(text: str, url: str) -> str:
    return f"[{text}]({url})"
