"""What is counted, and that a collector can read it."""

import datetime as dt

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from storage.lanes import LaneState
from tests.fakes.builders import MONDAY


def figures(metrics: Metrics, *lanes: LaneState, late: int = 0, set_aside: int = 0) -> dict[str, float]:
    """Every sample of the page by its name and labels."""
    page = metrics.text(lanes, now=MONDAY, late=late, set_aside=set_aside).decode()
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_requests_and_messages_are_counted_by_what_they_were() -> None:
    metrics = Metrics()
    for result in ("taken", "taken", "bad signature"):
        metrics.request("slack", result)
    metrics.request("teams", "taken")
    metrics.sent("teams", "PulseOpened")

    assert metrics.requests() == {"slack": {"bad signature": 1, "taken": 2}, "teams": {"taken": 1}}
    assert metrics.messages() == {"teams": {"PulseOpened": 1}}
    assert figures(metrics)["liaison_requests_total slack taken"] == 2
    assert figures(metrics)["liaison_messages_sent_total PulseOpened teams"] == 1


def test_the_databases_state_is_as_of_the_last_look() -> None:
    metrics = Metrics()

    waiting = LaneState("slack:T1", 2, MONDAY - dt.timedelta(seconds=90), 1, 0, 5, 40)
    first = figures(metrics, waiting, late=2, set_aside=1)
    second = figures(metrics, LaneState("slack:T2", 0, None, 0, 1, 0, 0))

    assert first["liaison_deliveries slack:T1 pending"] == 3
    assert first["liaison_deliveries slack:T1 dead"] == 5
    assert first["liaison_lane_oldest_seconds slack:T1"] == 90
    assert first["liaison_lane_sent_last_minute slack:T1"] == 40
    assert (first["liaison_timers_late"], first["liaison_timers_set_aside"]) == (2, 1)
    assert "liaison_deliveries slack:T1 pending" not in second
    assert second["liaison_deliveries slack:T2 sending"] == 1
    assert second["liaison_lane_oldest_seconds slack:T2"] == 0
    assert (second["liaison_timers_late"], second["liaison_timers_set_aside"]) == (0, 0)


def test_two_liaisons_in_one_process_count_apart() -> None:
    first, second = Metrics(), Metrics()
    first.request("slack", "taken")

    assert second.requests() == {}
