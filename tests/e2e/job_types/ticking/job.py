"""A job that is due each minute."""

from workerless import Cron, Every, JobType, Payload, Schedule


class Ticking(Payload):
    """Something to be done each minute."""

    text: str


ticking = JobType(
    name="ticking",
    payload=Ticking,
    schedules=(
        Schedule("often", Every(minutes=1), Ticking(text="<{{x}}>")),
        Schedule("there", Cron("*/2 * * * *", timezone="Asia/Kathmandu"), Ticking(text="<{{x}}>")),
    ),
)
