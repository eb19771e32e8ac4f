"""What is counted, and that a collector can read it."""

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from storage.outbox import DeliveryState


def figures(metrics: Metrics, *, late: int = 0, set_aside: int = 0, **deliveries: int) -> dict[str, float]:
    """Every sample of the page by its name and labels."""
    by_state = {("slack:T1", DeliveryState(state)): count for state, count in deliveries.items()}
    page = metrics.text(by_state, late=late, set_aside=set_aside).decode()
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

    first = figures(metrics, late=2, set_aside=1, pending=3)
    second = figures(metrics, sent=4)

    assert first["liaison_deliveries slack:T1 pending"] == 3
    assert (first["liaison_timers_late"], first["liaison_timers_set_aside"]) == (2, 1)
    assert "liaison_deliveries slack:T1 pending" not in second
    assert second["liaison_deliveries slack:T1 sent"] == 4
    assert (second["liaison_timers_late"], second["liaison_timers_set_aside"]) == (0, 0)


def test_two_liaisons_in_one_process_count_apart() -> None:
    first, second = Metrics(), Metrics()
    first.request("slack", "taken")

    assert second.requests() == {}
