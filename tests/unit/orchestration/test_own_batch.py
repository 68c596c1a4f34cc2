"""job.batch: members add to their batch while they run, and who runs again adds nobody twice."""

from collections.abc import Callable, Iterator

import pytest

from workerless import Fail, Fixed, JobType, Payload, Result, chain, group
from workerless.errors import EnqueueRefusedError, WorkerlessError
from workerless.execution.context import JobContext
from workerless.run_status import RunStatus
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker


class Page(Payload):
    """A page whose links are followed."""

    url: str


class Seen(Result):
    """What a page was."""

    url: str


crawl = JobType(
    name="crawl", payload=Page, result=Seen, retry=Fixed(attempts=3), children=("crawl", "index")
)
index = JobType(name="index", payload=Page, result=Seen)
lonely = JobType(name="lonely", payload=Page)

type Perform = Callable[[Page, JobContext], None]


@pytest.fixture
def stage() -> Iterator[InMemoryStage]:
    with InMemoryStage(index, lonely) as made:
        yield made


def crawling(stage: InMemoryStage, perform: Perform) -> RunStatus:
    """How a batch of one page stands once all is quiet."""

    @worker(crawl)
    def do(page: Page, job: JobContext) -> Seen:
        perform(page, job)
        return Seen(url=page.url)

    @worker(index)
    def note(page: Page) -> Seen:
        return Seen(url=page.url)

    stage.use(do, note)
    with stage.client.batch(batch_id="site", tenant="acme", correlation_id="c-1") as batch:
        batch.add(crawl, Page(url="/"), job_id="root", correlation_id="c-1")
    stage.run_all()
    return batch.status()


def test_batch_grows_by_what_its_members_find(stage: InMemoryStage) -> None:
    links = {"/": ["/a", "/b"], "/a": ["/b", "/c"], "/c": ["/"]}

    def follow(page: Page, job: JobContext) -> None:
        assert job.batch.id == "site"
        job.batch.add_many(
            crawl,
            [Page(url=one) for one in links.get(page.url, [])],
            idempotency_key=lambda p: p.url,
        )

    status = crawling(stage, follow)

    # The first was enqueued under another id than its address.
    assert (status.state, status.total, status.completed) == ("completed", 5, 5)


def test_member_that_is_added_belongs_to_who_added_it(stage: InMemoryStage) -> None:
    def add(page: Page, job: JobContext) -> None:
        job.batch.add(index, page, tags=("new",))

    crawling(stage, add)

    (child,) = [one for one in stage.doubles.store.records() if one.job_type == "index"]
    assert (child.parent_id, child.tenant, child.correlation_id) == ("root", "acme", "c-1")
    assert child.tags == ("new",)


def test_handler_that_runs_again_adds_nobody_twice(stage: InMemoryStage) -> None:
    known: list[list[bool]] = []

    def fail_at_first(page: Page, job: JobContext) -> None:
        found = [Page(url="/a"), Page(url="/b")]
        jobs = job.batch.add_many(index, found[: job.attempt])
        known.append([one.is_duplicate for one in jobs])
        if job.attempt == 1:
            raise ZeroDivisionError

    status = crawling(stage, fail_at_first)

    assert known == [[False], [True, False]]
    assert (status.state, status.total, status.completed) == ("completed", 3, 3)


@pytest.mark.parametrize(
    "groups", [((0, 1), (2,)), ((0, 1, 2),), ((2,), (1, 0)), ((0,), (1,), (2,))]
)
def test_it_may_add_them_in_other_company(
    stage: InMemoryStage, groups: tuple[tuple[int, ...], ...]
) -> None:
    def regroup(page: Page, job: JobContext) -> None:
        for some in [(0, 1), (2,)] if job.attempt == 1 else groups:
            job.batch.add_many(index, [Page(url=str(one)) for one in some])
        if job.attempt == 1:
            raise ZeroDivisionError

    status = crawling(stage, regroup)

    assert (status.state, status.total, status.completed) == ("completed", 4, 4)


def test_process_that_dies_after_it_has_added_adds_nobody_twice(stage: InMemoryStage) -> None:
    stage.crash_next(crawl, job_id="root")

    status = crawling(stage, lambda page, job: _add(job, index, page))

    assert (status.state, status.total, status.completed) == ("completed", 2, 2)


def test_same_payload_under_a_key_of_its_own_is_another_member(stage: InMemoryStage) -> None:
    def add(page: Page, job: JobContext) -> None:
        for key in ("1", "2", None, None):
            job.batch.add(index, page, idempotency_key=key)

    assert crawling(stage, add).total == 4


def test_batch_tells_how_it_stands(stage: InMemoryStage) -> None:
    seen: list[tuple[int, int]] = []

    def look(page: Page, job: JobContext) -> None:
        job.batch.add(index, page)
        status = job.batch.status()
        seen.append((status.total, status.completed))

    crawling(stage, look)

    assert seen == [(2, 0)]


def test_job_type_that_is_not_declared_as_a_child_is_refused(stage: InMemoryStage) -> None:
    raised: list[str] = []

    def add(page: Page, job: JobContext) -> None:
        try:
            job.batch.add(lonely, page)
        except EnqueueRefusedError as error:
            raised.append(str(error))
            raise Fail("so") from error

    status = crawling(stage, add)

    assert (status.total, status.failed) == (1, 1)
    assert raised == [
        (
            "crawl: children must name 'lonely' for its handler to add such jobs, got "
            "('crawl', 'index'); declare it, and deploy"
        )
    ]


def test_equal_payloads_in_one_call_are_refused(stage: InMemoryStage) -> None:
    def add(page: Page, job: JobContext) -> None:
        with pytest.raises(EnqueueRefusedError, match="another for each member of a batch"):
            job.batch.add_many(index, [page, page])

    assert crawling(stage, add).total == 1


def test_who_is_in_no_batch_has_none(stage: InMemoryStage) -> None:
    told: list[str] = []

    @worker(crawl)
    def look(page: Page, job: JobContext) -> Seen:
        try:
            job.batch.add(crawl, page)
        except WorkerlessError as error:
            told.append(str(error))
        return Seen(url="")

    stage.use(look)
    stage.run(crawl, Page(url="/"), job_id="alone")
    stage.client.start(chain(crawl.with_(url="/a")), workflow_id="w").wait()

    why = "only who was added to a batch, or to a group of more than 100, has one"
    assert told == [
        f"job 'alone' is no member of a batch but enqueued by itself: {why}",
        f"job 'w.1:crawl' is no member of a batch but a step of 'w': {why}",
    ]


def test_member_of_a_large_group_adds_to_that_and_no_result_of_it(stage: InMemoryStage) -> None:
    @worker(crawl)
    def add(page: Page, job: JobContext) -> Seen:
        if page.url == "0":
            job.batch.add(index, page)
        return Seen(url=page.url)

    @worker(index)
    def note(page: Page) -> Seen:
        return Seen(url="added")

    stage.use(add, note)
    parts = [crawl.with_(url=str(one)) for one in range(101)]
    run = stage.client.start(group(*parts), workflow_id="g")
    stage.run_all()

    assert (run.status().total, run.status().completed) == (102, 102)
    assert [one["url"] for one in run.result()] == [str(one) for one in range(101)]


def _add(job: JobContext, job_type: JobType[Page, Seen], page: Page) -> None:
    job.batch.add(job_type, page)
