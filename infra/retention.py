"""What happens to data when its stack is deleted or its resource replaced."""

from aws_cdk import RemovalPolicy

from infra.settings import Stage


def removal_policy(stage: Stage) -> RemovalPolicy:
    """Kept where the stage keeps data, except by a creation that is rolled back.

    Plain RETAIN would leave named resources behind a failed first deployment, and the next one
    would find their names taken.
    """
    if stage.keeps_data:
        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    return RemovalPolicy.DESTROY
