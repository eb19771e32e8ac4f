"""What is started by `docker compose up` exists: its commands, its paths, its replicas behind the proxy."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.addresses import SLACK_PATH, TEAMS_PATH
from docs.generate import commands

ROOT = Path(__file__).parents[2]
ON_POSTGRESQL, ON_SQLITE = "compose.yaml", "compose.sqlite.yaml"
SECRET = re.compile(r"password|secret|token|://", re.IGNORECASE)
READY_PATH = "/health/ready"
STOPS_WITHIN = 25
"""Seconds; docs/decisions/013."""


def services(file: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))["services"]
    return found


def replicas() -> dict[str, Any]:
    return {name: one for name, one in services(ON_POSTGRESQL).items() if name.startswith("replica")}


def proxy() -> str:
    mounted: str
    (mounted,) = services(ON_POSTGRESQL)["proxy"]["volumes"]
    return (ROOT / mounted.partition(":")[0]).read_text(encoding="utf-8")


@pytest.mark.parametrize("file", [ON_POSTGRESQL, ON_SQLITE])
def test_every_command_is_one_of_ours(file: str) -> None:
    ours = [one for one in services(file).values() if one["image"] == "alliance-liaison"]
    typed = [" ".join(["liaison", *one.get("command", ["run"])]) for one in ours]

    assert typed
    assert set(typed) <= {words for words, _ in commands()}


@pytest.mark.parametrize("file", [ON_POSTGRESQL, ON_SQLITE])
def test_no_secret_stands_in_the_file(file: str) -> None:
    for service in services(file).values():
        for name, value in service.get("environment", {}).items():
            assert not SECRET.search(f"{name} {value}") or "${" in value or value.startswith("sqlite:"), name


@pytest.mark.parametrize("file", [ON_POSTGRESQL, ON_SQLITE])
def test_whatever_runs_the_liaison_may_do_little_and_has_the_time_to_stop(file: str) -> None:
    for service in services(file).values():
        if service["image"] == "alliance-liaison":
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
            assert service.get("restart") == "no" or int(service["stop_grace_period"].removesuffix("s")) > STOPS_WITHIN


@pytest.mark.parametrize("file", [ON_POSTGRESQL, ON_SQLITE])
def test_nothing_is_published_but_one_port_to_the_machine_itself(file: str) -> None:
    published = [port for service in services(file).values() for port in service.get("ports", [])]

    assert published == ["127.0.0.1:8000:8000"]


def test_replicas_start_once_the_schema_is_there_and_count_once_they_are_ready() -> None:
    assert len(replicas()) == 3
    for replica in replicas().values():
        assert replica["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert f"http://127.0.0.1:8000{READY_PATH}'" in replica["healthcheck"]["test"][-1]
        assert replica["environment"]["LIAISON_PORT"] == "8000"


def test_the_proxy_knows_every_replica_and_asks_whether_it_is_ready() -> None:
    behind = re.findall(r"^ +server (\S+) (\S+)$", proxy(), re.MULTILINE)

    assert behind == [(name, f"{name}:8000") for name in replicas()]
    assert f"option httpchk GET {READY_PATH}\n" in proxy()


def test_the_proxy_lets_through_what_the_platforms_call_and_nothing_else() -> None:
    (refused,) = re.findall(r"http-request return status 404 unless (.*)$", proxy(), re.MULTILINE)

    assert refused == f"METH_POST {{ path {SLACK_PATH} {TEAMS_PATH} }}"
