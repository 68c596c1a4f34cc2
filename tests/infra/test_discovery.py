"""What does not fit together is refused before anything is deployed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.discovery import deployable
from infra.settings import FailedJobs, LifecycleEvents, stages
from infra.tagging import job_type_tags
from tests.infra.checkout import write_checkout
from workerless.errors import DeclarationError
from workerless.http.settings import HttpSettings, WebhookSource
from workerless.job_type import JobType
from workerless.payload import Payload

STAGE = replace(stages({})["prod"], job_environment={})


class Input(Payload):
    """A job."""


def test_job_types_of_a_checkout_are_found_by_folder(tmp_path: Path) -> None:
    checkout = write_checkout(tmp_path / "checkout", {"second": "", "first": ""})

    assert [one.folder for one in deployable(checkout, STAGE)] == ["first", "second"]


def test_settings_for_a_job_type_that_is_not_there_are_refused(tmp_path: Path) -> None:
    checkout = write_checkout(tmp_path / "checkout", {"mail": ""})
    stage = replace(STAGE, job_environment={"mial": {"SENDER": "a@example.com"}})

    with pytest.raises(DeclarationError, match=r"must name job types \(mail\), got 'mial'"):
        deployable(checkout, stage)


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("failed_jobs", FailedJobs(job_types=("mail", "mial"))),
        ("lifecycle", LifecycleEvents(job_types=("mial",))),
    ],
)
def test_who_would_be_told_of_a_job_type_that_is_not_there_is_refused(
    field: str, told: Any, tmp_path: Path
) -> None:
    checkout = write_checkout(tmp_path / "checkout", {"mail": ""})

    with pytest.raises(DeclarationError, match=rf"{field} of .* job types \(mail\), got 'mial'"):
        deployable(checkout, replace(STAGE, **{field: told}))


@pytest.mark.parametrize("job_type", ["mial", "untracked"])
def test_webhook_whose_deliveries_nobody_could_tell_apart_is_refused(
    job_type: str, tmp_path: Path
) -> None:
    declared = {"mail": "", "untracked": "tracking=Tracking.OFF"}
    checkout = write_checkout(tmp_path / "checkout", declared)
    webhooks = {"shop": WebhookSource(job_type=job_type, signing_key="/shop")}
    stage = replace(STAGE, http=HttpSettings(webhooks=webhooks))

    with pytest.raises(DeclarationError, match=rf"tracked job type \(mail\), got '{job_type}'"):
        deployable(checkout, stage)


def test_owner_that_cannot_be_a_tag_is_refused() -> None:
    job_type = JobType(name="mail", payload=Input, owner="Team <mail>")

    with pytest.raises(DeclarationError, match=r"owner must be .*, got 'Team <mail>'"):
        job_type_tags(job_type, STAGE)
