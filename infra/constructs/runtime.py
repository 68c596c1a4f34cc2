"""What every function of ours is made with: where it runs, and how an artifact becomes its code."""

from aws_cdk import AssetHashType
from aws_cdk.aws_lambda import Architecture, Code, LayerVersion, Runtime
from constructs import Construct

from infra.artifact import Artifact
from infra.settings import Stage

ARCHITECTURES = {"arm64": Architecture.ARM_64, "x86_64": Architecture.X86_64}


def asset_code(artifact: Artifact) -> Code:
    """The directory as an asset named by its inputs: uploaded once, whoever asks for it."""
    return Code.from_asset(
        str(artifact.path), asset_hash=artifact.key, asset_hash_type=AssetHashType.CUSTOM
    )


def library(
    scope: Construct,
    construct_id: str,
    *,
    stage: Stage,
    code: Artifact,
    description: str = "workerless and what it needs",
) -> LayerVersion:
    """A layer for the stage's functions."""
    return LayerVersion(
        scope,
        construct_id,
        description=description,
        code=asset_code(code),
        compatible_runtimes=[Runtime.PYTHON_3_13],
        compatible_architectures=[ARCHITECTURES[stage.architecture]],
    )
