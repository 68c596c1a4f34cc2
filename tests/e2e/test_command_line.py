"""The command line against the deployed cloud, and a scaffolded job type that runs there."""

import json

import pytest

from tests.e2e.cloud import SCAFFOLDED, Cloud
from workerless import naming

pytestmark = pytest.mark.local_cloud


def test_job_type_made_by_new_runs_with_no_other_edit(cloud: Cloud) -> None:
    done = cloud.workerless("enqueue", SCAFFOLDED, '{"text": "seven"}', "--wait", "--json")

    assert done.returncode == 0, done.stderr
    status = json.loads(done.stdout)
    assert status["state"] == "completed"
    assert status["result"] == {"characters": 5}
    assert status["progress"] == {"percent": 100, "step": "counted", "meta": {}}


def test_job_is_found_again_by_its_id(cloud: Cloud) -> None:
    cloud.workerless("enqueue", SCAFFOLDED, "-", "--id", "cli-1", "--wait", stdin='{"text": "x"}')

    shown = cloud.workerless("status", "cli-1", "--json")
    listed = cloud.workerless("list", SCAFFOLDED, "--state", "completed", "--json")

    assert json.loads(shown.stdout)["state"] == "completed"
    assert "cli-1" in {job["id"] for job in json.loads(listed.stdout)["jobs"]}


def test_job_that_waits_can_be_cancelled_and_one_that_ended_cannot(cloud: Cloud) -> None:
    payload = '{"text": "later"}'
    cloud.workerless("enqueue", SCAFFOLDED, payload, "--id", "cli-2", "--delay", "10m")

    first = cloud.workerless("cancel", "cli-2")
    waited = cloud.workerless("wait", "cli-2")
    cloud.workerless("enqueue", SCAFFOLDED, payload, "--id", "cli-3", "--wait")
    second = cloud.workerless("cancel", "cli-3")

    assert first.returncode == 0, first.stderr
    assert (waited.returncode, second.returncode) == (1, 4)
    assert "ended as cancelled" in waited.stderr


def test_status_shows_every_job_type_with_its_queue(cloud: Cloud) -> None:
    shown = cloud.workerless("local", "status", "--json")

    status = json.loads(shown.stdout)
    assert status["port"] == cloud.running.port
    [row] = [row for row in status["job_types"] if row["job_type"] == SCAFFOLDED]
    assert row["function"] == naming.resource("local", SCAFFOLDED)
    assert row["queue"].endswith("/" + naming.resource("local", SCAFFOLDED))


def test_logs_show_what_the_function_wrote(cloud: Cloud) -> None:
    cloud.workerless("enqueue", SCAFFOLDED, '{"text": "x"}', "--id", "cli-4", "--wait")

    shown = cloud.workerless("local", "logs", SCAFFOLDED)

    assert "cli-4" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("status", "nobody"), 3, "no job has the id 'nobody'"),
        (("enqueue", "nothing", "{}"), 3, "nothing"),
        (("enqueue", SCAFFOLDED, '{"text": ""}'), 2, "payload.text"),
        (("wait", "nobody", "--timeout", "1s"), 7, "after 0:00:01"),
    ],
)
def test_refusal_is_one_line_and_an_exit_code(
    cloud: Cloud, arguments: tuple[str, ...], code: int, said: str
) -> None:
    refused = cloud.workerless(*arguments)

    assert refused.returncode == code
    assert refused.stdout == ""
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_log_of_a_job_is_what_was_written_about_it_alone(cloud: Cloud) -> None:
    for name in ("cli-5", "cli-6"):
        cloud.workerless("enqueue", SCAFFOLDED, '{"text": "x"}', "--id", name, "--wait")

    shown = cloud.workerless("jobs", "logs", "cli-5", "--json")

    lines = [line["line"] for line in json.loads(shown.stdout)]
    assert any("job.completed" in line for line in lines)
    assert not [line for line in lines if "cli-6" in line]


def test_health_of_the_deployed_stage_has_its_figures(cloud: Cloud) -> None:
    cloud.workerless("enqueue", SCAFFOLDED, '{"text": "x"}', "--id", "cli-7", "--wait")

    report = json.loads(cloud.workerless("health", "--json").stdout)

    assert {check["name"] for check in report["checks"] if not check["ok"]} == set()
    (queue,) = [one for one in report["queues"] if one["name"] == SCAFFOLDED]
    assert (queue["isServiceRunning"], queue["completed"] >= 1) == (True, True)


def test_queues_that_hold_a_waiting_job_are_purged(cloud: Cloud) -> None:
    cloud.workerless("enqueue", SCAFFOLDED, '{"text": "x"}', "--id", "cli-8", "--delay", "3h")

    purged = cloud.workerless("queues", "purge", SCAFFOLDED, "--why", "a test", "--yes")
    shown = cloud.workerless("jobs", "show", "cli-8", "--json")

    assert purged.returncode == 0, purged.stderr
    assert json.loads(shown.stdout)["state"] == "cancelled"
