"""The manifests that people copy from the how-to name what exists, and give a replica the time to stop."""

import re
from typing import Any

import pytest
import yaml

from bot.addresses import LIVE_PATH, SLACK_PATH, TEAMS_PATH
from docs.generate import ROOT, commands
from tests.rules.test_compose import READY_PATH, STOPS_WITHIN

PAGE = ROOT / "docs" / "howto" / "run-on-kubernetes.md"


def manifests() -> dict[str, Any]:
    """By kind; there is one of each."""
    fences = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    found = [manifest for fence in fences for manifest in yaml.safe_load_all(fence)]
    return {manifest["kind"]: manifest for manifest in found}


def pod(kind: str) -> dict[str, Any]:
    spec: dict[str, Any] = manifests()[kind]["spec"]["template"]["spec"]
    return spec


def container(kind: str) -> dict[str, Any]:
    (found,) = pod(kind)["containers"]
    return dict(found)


@pytest.mark.parametrize("kind", ["Job", "Deployment"])
def test_what_runs_exists_may_do_little_and_has_its_secrets_from_outside(kind: str) -> None:
    runs = container(kind)

    assert " ".join(["liaison", *runs["args"]]) in {words for words, _ in commands()}
    assert (pod(kind)["securityContext"]["runAsNonRoot"], runs["securityContext"]["readOnlyRootFilesystem"]) == (
        True,
        True,
    )
    assert "env" not in runs
    assert runs["envFrom"] == [{"secretRef": {"name": "liaison"}}]


def test_the_schema_is_brought_up_to_date_by_the_image_that_needs_it() -> None:
    assert container("Job")["args"] == ["db", "upgrade"]
    assert container("Job")["image"] == container("Deployment")["image"]


def test_a_replica_is_asked_at_its_own_paths_and_alive_does_not_mean_ready() -> None:
    asked = {name: container("Deployment")[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness")}

    assert set(asked.values()) == {LIVE_PATH}
    assert container("Deployment")["readinessProbe"]["httpGet"]["path"] == READY_PATH


def test_a_replica_goes_only_when_another_is_there_and_has_the_time_to_finish() -> None:
    (_, seconds) = container("Deployment")["lifecycle"]["preStop"]["exec"]["command"]

    assert manifests()["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert pod("Deployment")["terminationGracePeriodSeconds"] > int(seconds) + STOPS_WITHIN


def test_only_what_the_platforms_call_is_let_in() -> None:
    (rule,) = manifests()["Ingress"]["spec"]["rules"]

    assert [(path["path"], path["pathType"]) for path in rule["http"]["paths"]] == [
        (SLACK_PATH, "Exact"),
        (TEAMS_PATH, "Exact"),
    ]


def test_everything_that_leads_to_the_replicas_names_them_alike() -> None:
    found = manifests()
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]

    assert found["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert found["Service"]["spec"]["selector"] == labels
    assert found["Job"]["spec"]["template"]["metadata"]["labels"] != labels
