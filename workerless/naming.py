"""The names of deployed things, in one place: infra creates them, clients and people look them up.

Shared things are found by name, never by CloudFormation export (an export locks both stacks).
"""

import re

from workerless.errors import WorkerlessError

# The folder of a stage's bucket in which old dead letters are kept.
ARCHIVE = "archive/dead-letters"
# The alias of each function that its callers call: it stands for one of its versions.
LIVE = "live"
_LANE = "--"
_STAGE = re.compile(r"[a-z][a-z0-9]{0,7}")


def check_stage(stage: str) -> str:
    """``stage`` itself. Raises ``WorkerlessError`` when it cannot stand in names."""
    if not _STAGE.fullmatch(stage):
        raise WorkerlessError(
            f"stage must be 1 to 8 lower-case letters and digits, a letter first, got {stage!r}"
        )
    return stage


def resource(stage: str, job_type: str) -> str:
    """Queue and function of a job type; at most 60 characters, unique since names hold no '-'."""
    return f"workerless-{stage}-{job_type.replace('.', '-')}"


def undelivered_queue(stage: str, job_type: str) -> str:
    """Where events end that did not reach the job type's queue; no job type's, as a pool's."""
    return f"workerless-{stage}--undelivered-{job_type.replace('.', '-')}"


def dead_letter_queue(stage: str, job_type: str) -> str:
    """At most 65 of the 80 characters of a queue name."""
    return f"{resource(stage, job_type)}-dead"


def lane_queue(stage: str, job_type: str, lane: str) -> str:
    """At most 78 of the 80 characters; no job type's, since no word of a name is empty."""
    return f"{resource(stage, job_type)}{_LANE}{lane}"


def lane_in(queue: str) -> str | None:
    """The lane in the name of a queue; None for the default one's, as of any other."""
    return queue.partition(_LANE)[2] or None


def without_lane(queue: str) -> str:
    """The name of the default lane's queue, given that of any lane."""
    return queue.partition(_LANE)[0]


def sweeper(stage: str) -> str:
    """The sweeper's function; no job type's, since no name starts with '-'."""
    return f"workerless-{stage}--sweeper"


def pool(stage: str, name: str) -> str:
    """The function of a pool of job types; no job type's, since no name starts with '-'."""
    return f"workerless-{stage}--pool-{name}"


def operator(stage: str) -> str:
    """The function that drives bulk operations on."""
    return f"workerless-{stage}--operator"


def ticker(stage: str) -> str:
    """The function that makes ticks of schedules jobs."""
    return f"workerless-{stage}--ticker"


def orchestrator(stage: str) -> str:
    """The function that moves batches and workflows on."""
    return f"workerless-{stage}--orchestrator"


def ticks_queue(stage: str) -> str:
    """The queue that EventBridge Scheduler sends the ticks of all schedules to."""
    return f"workerless-{stage}--ticks"


def publisher(stage: str) -> str:
    """The function that tells an event bus what jobs do."""
    return f"workerless-{stage}--publisher"


def unpublished_queue(stage: str) -> str:
    """Where Lambda notes what the publisher could not tell."""
    return f"workerless-{stage}--unpublished"


def workflows_queue(stage: str) -> str:
    """The queue of orders to look at a batch or workflow."""
    return f"workerless-{stage}--workflows"


def beside(queue: str, name: str) -> str:
    """The address of the queue ``name`` of the same stage, given that of any of its queues."""
    return f"{queue.rpartition('/')[0]}/{name}"


def schedule_group(stage: str) -> str:
    """Scheduler's group of the schedules that job types declare; named by their ids."""
    return f"workerless-{stage}"


def dynamic_schedule_group(stage: str) -> str:
    """Scheduler's group of the schedules that are made at run time."""
    return f"workerless-{stage}-dynamic"


def tick_role(stage: str, region: str) -> str:
    """The role in which Scheduler sends the ticks of dynamic schedules; roles know no regions."""
    return f"workerless-{stage}-ticks-{region}"


def releases(stage: str) -> str:
    """What CodeDeploy calls the stage."""
    return f"workerless-{stage}--releases"


def release_role(stage: str, region: str) -> str:
    """The role in which CodeDeploy moves aliases; roles know no regions."""
    return f"{releases(stage)}-{region}"


def schedule_entry(schedule_id: str, number: int) -> str:
    """The name of one of the entries that a declared schedule takes, counted from 0."""
    return f"{schedule_id}.{number + 1}" if number else schedule_id


def dynamic_entry(schedule_id: str, number: int) -> str:
    """The same of a dynamic one, whose key may end as a number of ours does: each has one."""
    return f"{schedule_id}.{number + 1}"


def dynamic_id_of(entry: str) -> str:
    """The schedule that an entry of the dynamic group is of."""
    return entry.rpartition(".")[0]


def overview(stage: str) -> str:
    """The dashboard of all job types; no job type's, since no name starts with '-'."""
    return f"workerless-{stage}--overview"


def api(stage: str) -> str:
    """The HTTP API and its function; no job type's, since no name starts with '-'."""
    return f"workerless-{stage}--api"


def deployer(stage: str, region: str) -> str:
    """The role that deploys; no job type's, since no name starts with '-', and of one region."""
    return f"workerless-{stage}--deployer-{region}"


def table(stage: str) -> str:
    """The one table of a stage."""
    return f"workerless-{stage}"


def bucket(stage: str, account: str, region: str) -> str:
    """The one bucket of a stage; account and region make it unique in the world."""
    return f"workerless-{stage}-{account}-{region}"


def archived_letter(job_type: str, day: str, message_id: str) -> str:
    """The file of an old dead letter."""
    return f"{ARCHIVE}/{job_type}/{day}/{message_id}.json"


def alarm_topic(stage: str) -> str:
    """The SNS topic that every alarm of a stage tells."""
    return f"workerless-{stage}-alarms"


def failed_jobs_topic(stage: str) -> str:
    """The SNS topic that tells of failed jobs, where a stage wants it."""
    return f"workerless-{stage}-failed-jobs"


def core_parameter(stage: str) -> str:
    """SSM parameter: JSON object with ``table``, ``bucket``, ``topic``, and ``ticks``: an object.

    Clients without dynamic schedules need no ``ticks``.
    """
    return f"/workerless/{stage}/core"


def api_parameter(stage: str) -> str:
    """SSM parameter: JSON object with ``endpoint``."""
    return f"/workerless/{stage}/api"


def schedule_parameters(stage: str) -> str:
    """SSM path below which each declared schedule has its parameter."""
    return f"/workerless/{stage}/schedules"


def schedule_parameter(stage: str, schedule_id: str) -> str:
    """SSM parameter: the plan of a declared schedule (``schedule.plan``) as JSON."""
    return f"{schedule_parameters(stage)}/{schedule_id}"


def job_type_parameters(stage: str) -> str:
    """SSM path below which each job type has its parameter."""
    return f"/workerless/{stage}/job-types"


def job_type_parameter(stage: str, job_type: str) -> str:
    """SSM parameter: JSON object with ``queue``, ``dead_letters`` and ``function``.

    Of a job type with lanes ``lanes`` has the queue of each; ``queue`` is the default one's.
    """
    return f"{job_type_parameters(stage)}/{job_type}"
