"""What Lambda gets: no more than it needs, for its own platform, and the same wherever built."""

import hashlib
import struct
from importlib import metadata
from pathlib import Path

import pytest

from infra import bundling
from infra.artifact import ROOT
from tests.infra.checkout import write_checkout
from workerless.errors import WorkerlessError

ARM = "aarch64-manylinux_2_28"
ELF_ARM = 183
UNCHECKED_HASH = 1


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return write_checkout(tmp_path / "checkout", {"mail": "", "image": ""}) / "functions"


@pytest.fixture(scope="module")
def layer(assets: Path) -> Path:
    return bundling.layer(ARM, into=assets).path


def names(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*")}


def content(directory: Path) -> dict[str, tuple[int, str]]:
    return {
        path.relative_to(directory).as_posix(): (
            path.stat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_layer_holds_the_library_without_its_tools(layer: Path) -> None:
    library = {name.split("/")[2] for name in names(layer) if name.startswith("python/workerless/")}

    assert {"job_type.py", "naming.py", "execution", "aws"} <= library
    assert not {"cli", "local", "simulation", "testing", "http", "operations"} & library


def test_layer_of_the_stages_own_functions_has_what_operates_it(assets: Path) -> None:
    found = names(bundling.layer(ARM, operates=True, into=assets).path)

    assert "python/aws_lambda_powertools/event_handler/api_gateway.py" in found
    assert {"python/workerless/operating.py", "python/workerless/operations/bulk.py"} <= found
    assert not any(name.startswith("python/pydantic/v1/") for name in found)


def test_layer_leaves_out_what_lambda_has_and_what_nobody_reads(layer: Path) -> None:
    found = names(layer)

    assert not any(name.startswith(("python/boto", "python/bin")) for name in found)
    assert not any(name.endswith(("/RECORD", "/direct_url.json", ".pyi")) for name in found)


def test_versions_of_packages_can_be_asked_but_their_readmes_stay_out(layer: Path) -> None:
    found = {one.name: one for one in metadata.distributions(path=[str(layer / "python")])}

    assert {"pydantic", "aws_lambda_powertools", "cronsim"} <= set(found)
    assert all(one.version[0].isdigit() for one in found.values())
    assert not any((one.read_text("METADATA") or "").partition("\n\n")[2] for one in found.values())


def test_native_code_is_of_the_platform_asked_for(layer: Path) -> None:
    machines = {struct.unpack_from("<H", path.read_bytes(), 18)[0] for path in layer.rglob("*.so")}

    assert machines == {ELF_ARM}


def test_bytecode_is_loaded_unchecked_and_names_the_file_as_lambda_sees_it(layer: Path) -> None:
    library = layer / "python" / "workerless"
    code = (library / "__pycache__" / "naming.cpython-313.pyc").read_bytes()

    assert struct.unpack_from("<I", code, 4)[0] == UNCHECKED_HASH
    assert b"/opt/python/workerless/naming.py" in code
    assert str(layer.parent).encode() not in code


def test_another_build_of_the_same_is_the_same_to_the_byte(
    checkout: Path, assets: Path, tmp_path: Path
) -> None:
    first = bundling.function(checkout / "mail", ARM, into=assets)
    second = bundling.function(checkout / "mail", ARM, into=tmp_path / "elsewhere")

    assert first.key == second.key
    assert content(first.path) == content(second.path)


def test_layer_built_again_is_the_same_to_the_byte(layer: Path, tmp_path: Path) -> None:
    again = bundling.layer(ARM, into=tmp_path)

    assert content(again.path) == content(layer)


def test_asset_holds_its_own_job_type_and_what_all_share(checkout: Path, assets: Path) -> None:
    (checkout / "project.py").write_text("NAME = 'ours'\n")
    (checkout / "mail" / "welcome.html").write_text("<p>Welcome</p>")
    (checkout / "mail" / "tests").mkdir()
    (checkout / "mail" / "tests" / "test_mail.py").touch()

    asset = bundling.function(checkout / "mail", ARM, into=assets).path

    assert {name for name in names(asset) if not name.endswith(".pyc")} - {
        "functions/__pycache__",
        "functions/mail/__pycache__",
    } == {
        "functions",
        "functions/__init__.py",
        "functions/project.py",
        "functions/mail",
        "functions/mail/job.py",
        "functions/mail/handler.py",
        "functions/mail/welcome.html",
    }


def test_asset_with_declarations_holds_what_they_import_and_no_handler(
    checkout: Path, assets: Path
) -> None:
    (checkout / "image" / "pixel.py").write_text("from functions.mail.address import ADDRESS\n")
    (checkout / "image" / "heavy.py").write_text("import PIL\n")
    (checkout / "mail" / "address.py").write_text("ADDRESS = 'a@example.com'\n")
    job = checkout / "image" / "job.py"
    job.write_text(f"from .pixel import ADDRESS\n{job.read_text()}")
    api = checkout / "api"
    api.mkdir()
    (api / "__init__.py").touch()
    (api / "handler.py").write_text("handler = None\n")

    asset = bundling.function(api, ARM, declarations=True, into=assets).path

    assert {name for name in names(asset) if name.endswith(".py")} == {
        "functions/__init__.py",
        "functions/api/__init__.py",
        "functions/api/handler.py",
        "functions/image/job.py",
        "functions/image/pixel.py",
        "functions/mail/address.py",
        "functions/mail/job.py",
    }


def test_asset_holds_the_declaration_that_its_handler_enqueues_for(
    checkout: Path, assets: Path
) -> None:
    handler = checkout / "mail" / "handler.py"
    handler.write_text(f"from functions.image.job import job_type as image\n{handler.read_text()}")

    asset = bundling.function(checkout / "mail", ARM, into=assets).path

    assert "functions/image/job.py" in names(asset)
    assert "functions/image/handler.py" not in names(asset)


@pytest.mark.parametrize(
    ("file", "changes"), [("mail/handler.py", True), ("image/handler.py", False)]
)
def test_asset_changes_with_its_own_files_only(
    file: str,
    changes: bool,  # noqa: FBT001 -- a column of the table
    checkout: Path,
    assets: Path,
) -> None:
    before = bundling.function(checkout / "mail", ARM, into=assets).key
    (checkout / file).write_text("# changed\n")

    after = bundling.function(checkout / "mail", ARM, into=assets).key

    assert (after != before) is changes


def test_requirements_stand_beside_the_package(assets: Path) -> None:
    asset = bundling.function(ROOT / "functions" / "deliver_webhook", ARM, into=assets).path

    assert {"httpx/__init__.py", "functions/deliver_webhook/handler.py"} <= names(asset)


def test_requirement_without_a_hash_is_refused(checkout: Path, assets: Path) -> None:
    (checkout / "mail" / "requirements.txt").write_text("httpx==0.28.1\n")

    with pytest.raises(WorkerlessError, match="could not install it for aarch64"):
        bundling.function(checkout / "mail", ARM, into=assets)
