"""Routes: which job types share a function, and what cannot be brought together."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from infra import bundling
from infra.pooling import Pool, pool_of, pools_of
from infra.settings import Stage, stages
from tests.infra.checkout import write_checkout
from tests.infra.cloud import FUNCTION, MAPPING, Cloud, text
from workerless.discovery import Found, discover
from workerless.errors import DeclarationError, WorkerlessError

PLATFORM = "aarch64-manylinux_2_28"


def routed(routes: Mapping[str, str]) -> Stage:
    return replace(stages({})["prod"], job_environment={}, routes=routes)


def checkout(root: Path, **declared: str) -> list[Found]:
    return discover(write_checkout(root / "checkout", declared))


def names(pools: list[Pool]) -> dict[str, list[str]]:
    return {pool.name: [one.name for one in pool.job_types] for pool in pools}


def test_first_pattern_that_matches_decides_and_what_none_matches_stays_alone(
    tmp_path: Path,
) -> None:
    found = checkout(tmp_path, mail_send="", mail_bulk="", image="", other="")

    pools = pools_of(found, routed({"mail_bulk": "heavy", "mail_*": "mail", "im*": "mail"}))

    assert names(pools) == {"heavy": ["mail_bulk"], "mail": ["image", "mail_send"]}
    alone = [one.job_type.name for one in found if pool_of(one, pools) is None]
    assert alone == ["other"]


def test_stage_without_routes_has_no_pools(tmp_path: Path) -> None:
    assert pools_of(checkout(tmp_path, one="", two=""), routed({})) == []


def test_function_is_made_for_the_most_demanding_member(tmp_path: Path) -> None:
    found = checkout(
        tmp_path,
        one="timeout=timedelta(minutes=3), memory_mb=512",
        two="timeout=timedelta(seconds=5), ephemeral_storage_mb=2048",
    )

    (pool,) = pools_of(found, routed({"*": "all"}))

    assert pool.function_timeout == timedelta(minutes=3, seconds=10)
    assert (pool.memory_mb, pool.ephemeral_storage_mb) == (512, 2048)


@pytest.mark.parametrize(
    ("routes", "message"),
    [
        ({"*": "All"}, r"routes\['\*'\] of stage prod must be 1 to 20 lower-case.*got 'All'"),
        ({"*": "a" * 21}, "1 to 20 lower-case"),
        ({"mail.*": "mail"}, r"routes\['mail.\*'\].*must match a job type \(one, two\)"),
    ],
)
def test_route_that_cannot_be_is_refused(
    tmp_path: Path, routes: dict[str, str], message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        pools_of(checkout(tmp_path, one="", two=""), routed(routes))


def test_pattern_of_containers_that_nothing_matches_is_refused(tmp_path: Path) -> None:
    stage = replace(routed({}), containers=("one", "three"))

    with pytest.raises(DeclarationError, match=r"containers: 'three' .* a job type \(one, two\)"):
        pools_of(checkout(tmp_path, one="", two=""), stage)


def test_variable_with_two_values_is_refused(tmp_path: Path) -> None:
    found = checkout(tmp_path, one="environment={'A': '1'}", two="environment={'A': '2'}")

    with pytest.raises(DeclarationError, match="one and two give A different values"):
        pools_of(found, routed({"*": "all"}))
    same = checkout(tmp_path / "same", one="environment={'A': '1'}", two="environment={'A': '1'}")
    (pool,) = pools_of(same, routed({"*": "all"}))
    assert pool.environment(routed({})) == {"A": "1"}


def test_record_that_would_go_before_its_message_can_return_is_refused(tmp_path: Path) -> None:
    found = checkout(
        tmp_path,
        long="timeout=timedelta(minutes=14)",
        short="timeout=timedelta(seconds=5), completed_retention=timedelta(hours=2)",
    )

    with pytest.raises(DeclarationError, match="short: completed_retention must be at least 2:25"):
        pools_of(found, routed({"*": "all"}))


def test_asset_has_the_folders_of_all_members_and_one_entry(tmp_path: Path, assets: Path) -> None:
    found = checkout(tmp_path, mail_send="", image="", other="")[:2]

    made = bundling.pool(found, PLATFORM, into=assets).path / "functions"

    assert {path.name for path in made.iterdir() if path.is_dir()} >= {"image", "mail_send"}
    assert not (made / "other").exists()
    entry = (made / "_pool.py").read_text()
    assert "handler = Pool({'image': 'image', 'mail_send': 'mail_send'})" in entry


def test_members_that_need_two_versions_of_a_package_are_refused(
    tmp_path: Path, assets: Path
) -> None:
    found = checkout(tmp_path, one="", two="")
    for one, version in zip(found, ("1.0", "2.0"), strict=True):
        (one.path.parent / "requirements.txt").write_text(f"idna=={version} \\\n    --hash=x\n")

    with pytest.raises(WorkerlessError, match=r"one and functions/two .* need idna 1\.0 and 2\.0"):
        bundling.pool(found, PLATFORM, into=assets)


def test_mappings_of_members_call_the_pools_function_and_no_other_is_made(
    clouds: Callable[[str], Cloud],
) -> None:
    cloud = clouds("prod")
    called = {
        (owner.name, text(mapping["FunctionName"]).partition(":function:")[2])
        for template, _, mapping in cloud.each(MAPPING)
        if (owner := cloud.declared(template.properties(mapping["EventSourceArn"])))
        and owner.name.startswith("pooled_")
    }

    functions = {str(one.get("FunctionName")) for _, _, one in cloud.each(FUNCTION)}
    assert called == {
        (name, "workerless-prod--pool-small:live")
        for name in ("pooled_keyed", "pooled_lanes", "pooled_long", "pooled_untracked")
    }
    assert "workerless-prod--pool-small" in functions
    assert not any("pooled" in name for name in functions)
