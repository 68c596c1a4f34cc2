"""Rules for the function of a job type."""

from collections.abc import Iterator

from workerless import naming
from workerless.deployed import DeployedJobType, FunctionFacts
from workerless.environment import WorkerEnvironment
from workerless.errors import WorkerlessError
from workerless.operations.doctor.finding import DEPLOY, Finding


def function_is_ready(deployed: DeployedJobType) -> Iterator[Finding]:
    """It is there, active, and what was last deployed."""
    yield from unready(deployed.function, deployed.address.function)


def live_is_called(deployed: DeployedJobType) -> Iterator[Finding]:
    """What calls the function past its alias runs what was uploaded last, whatever is live."""
    function = deployed.function
    if function is None:
        return
    own = [one for one in deployed.mappings if one.function == function.name]
    past = [one.uuid for one in own if one.qualifier != naming.LIVE]
    if not function.version:
        wrong = f"has no alias {naming.LIVE}: no version of it can be taken back"
    elif past:
        wrong = f"is called past its alias {naming.LIVE} by mapping {', '.join(past)}"
    else:
        return
    yield Finding(rule="live", on=function.name, wrong=wrong, fix="deploy its stack again")


def reserve_is_enough(deployed: DeployedJobType) -> Iterator[Finding]:
    """Or there is none. Never zero: that is no pause, it kills messages."""
    function = deployed.function
    if function is None or function.reserved is None:
        return
    wanted = sum(one.most_at_once or 0 for one in deployed.mappings)
    if function.reserved < max(wanted, 1):
        yield Finding(
            rule="reserved_concurrency",
            on=function.name,
            wrong=f"has {function.reserved} reserved, less than the {wanted} its mapping may use: "
            "throttled messages burn their receives and die unstarted",
            fix="remove the reserved concurrency; to stop a job type, disable its mapping",
        )


def function_may_loop(deployed: DeployedJobType) -> Iterator[Finding]:
    """Retries by fresh messages are meant."""
    function = deployed.function
    if function and not function.may_loop:
        yield Finding(
            rule="recursion",
            on=function.name,
            wrong="is stopped by Lambda after some 16 turns: a job that waits often is lost sight "
            "of, since its fresh messages look like a loop",
            fix=f"aws lambda put-function-recursion-config --function-name {function.name} "
            "--recursive-loop Allow",
        )


def log_ends(deployed: DeployedJobType) -> Iterator[Finding]:
    """By default CloudWatch keeps logs for ever."""
    function = deployed.function
    if function and function.log_days is None:
        yield Finding(
            rule="log_retention",
            on=function.name,
            wrong="keeps its log for ever, which is billed for ever",
            fix=DEPLOY,
            is_broken=False,
        )


def function_knows_its_queue(deployed: DeployedJobType) -> Iterator[Finding]:
    """Fresh messages and dead letters go where its variables say."""
    function, address = deployed.function, deployed.address
    if function is None:
        return
    try:
        here = WorkerEnvironment.read(function.environment)
    except WorkerlessError as error:
        yield Finding(rule="environment", on=function.name, wrong=str(error), fix=DEPLOY)
        return
    if not (
        _leads(here.queue_url, address.queue) and _leads(here.dead_letter_url, address.dead_letters)
    ):
        yield Finding(
            rule="environment",
            on=function.name,
            wrong=f"sends to {here.queue_url} and {here.dead_letter_url}, not to the queues that "
            "are published",
            fix=DEPLOY,
        )


def _leads(known: str, published: str) -> bool:
    """Whether a function that knows one address finds the other; a pool's has their place."""
    if not known.endswith("/"):
        return known == published
    account, _, _ = published.rpartition("/")
    return known.rstrip("/").rpartition("/")[2] == account.rpartition("/")[2]


def unready(function: FunctionFacts | None, name: str) -> Iterator[Finding]:
    """What keeps any function from being called."""
    if function is None:
        yield Finding(rule="function", on=name, wrong="is not there", fix="deploy its stack")
    elif function.state not in ("Active", "Inactive"):
        yield Finding(rule="function", on=name, wrong=f"is {function.state}", fix=DEPLOY)
    elif function.last_update == "Failed":
        yield Finding(
            rule="function", on=name, wrong="did not take its last update", fix="deploy it again"
        )
