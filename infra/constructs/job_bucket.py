"""The bucket for files of job types, and for what no message and no record has room for."""

from typing import cast

from aws_cdk import Duration, Stack
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, LifecycleRule
from constructs import Construct

from infra.retention import removal_policy
from infra.settings import Stage
from workerless import naming
from workerless.lifetime import KEEP_DAYS, KEEP_TAG


class JobBucket(Construct):
    """Private, encrypted, TLS only. Who may read what is up to each job type's permissions."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, is_watched: bool
    ) -> None:
        """``is_watched`` sends its events to EventBridge, where each costs."""
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        self.bucket = Bucket(
            self,
            "Bucket",
            bucket_name=naming.bucket(stage.name, stack.account, stack.region),
            block_public_access=BlockPublicAccess.BLOCK_ALL,
            encryption=BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            lifecycle_rules=[
                # Parts of an upload that never ended are billed and shown nowhere.
                LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1)),
                # Only our own files have the tag; what job types write stays.
                *(
                    LifecycleRule(
                        id=f"Keep{days}Days",
                        tag_filters={KEEP_TAG: str(days)},
                        expiration=Duration.days(days),
                    )
                    for days in KEEP_DAYS
                ),
            ],
            removal_policy=removal_policy(stage),
        )
        if is_watched:
            # The construct's own option deploys a function that sets what the bucket has itself.
            resource = cast("CfnBucket", self.bucket.node.default_child)
            resource.notification_configuration = CfnBucket.NotificationConfigurationProperty(
                event_bridge_configuration=CfnBucket.EventBridgeConfigurationProperty(
                    event_bridge_enabled=True
                )
            )
