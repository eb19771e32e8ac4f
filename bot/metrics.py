"""What the liaison counts, in Prometheus' text format."""

import datetime as dt
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from storage.lanes import LaneState
from storage.outbox import DeliveryState


class Metrics:
    """Counters of this process, and gauges that are read from the database when somebody asks."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._taken = Counter(
            "liaison_requests",
            "Requests of a platform, by what became of them",
            ["platform", "result"],
            registry=self._registry,
        )
        self._sent = Counter(
            "liaison_messages_sent",
            "Messages that a platform accepted",
            ["platform", "notice"],
            registry=self._registry,
        )
        self._deliveries = Gauge(
            "liaison_deliveries", "Open deliveries by lane and state", ["lane", "state"], registry=self._registry
        )
        self._oldest = Gauge(
            "liaison_lane_oldest_seconds",
            "How long the oldest delivery that could go has been waiting",
            ["lane"],
            registry=self._registry,
        )
        self._pace = Gauge(
            "liaison_lane_sent_last_minute",
            "Deliveries of the last minute, by any replica",
            ["lane"],
            registry=self._registry,
        )
        self._late = Gauge("liaison_timers_late", "Timers that should have run a minute ago", registry=self._registry)
        self._set_aside = Gauge("liaison_timers_set_aside", "Timers that failed too often", registry=self._registry)

    def request(self, platform: str, result: str) -> None:
        """Count a request: "taken", or the reason for which it was refused."""
        self._taken.labels(platform, result).inc()

    def sent(self, platform: str, notice: str) -> None:
        self._sent.labels(platform, notice).inc()

    def messages(self) -> dict[str, dict[str, int]]:
        """Messages that were accepted, by platform and notice."""
        return self._counted(self._sent)

    def requests(self) -> dict[str, dict[str, int]]:
        """Requests of the platforms, by what became of them."""
        return self._counted(self._taken)

    @staticmethod
    def _counted(counter: Counter) -> dict[str, dict[str, int]]:
        counted: dict[str, dict[str, int]] = {}
        for family in counter.collect():
            for sample in family.samples:
                if sample.name.endswith("_total"):
                    first, second = sample.labels.values()
                    counted.setdefault(first, {})[second] = int(sample.value)
        return {first: dict(sorted(kinds.items())) for first, kinds in sorted(counted.items())}

    def text(self, lanes: Sequence[LaneState], *, now: dt.datetime, late: int, set_aside: int) -> bytes:
        """Everything counted, with the given state of the database."""
        for gauge in (self._deliveries, self._oldest, self._pace):
            gauge.clear()
        for lane in lanes:
            for state, count in (
                (DeliveryState.PENDING, lane.due + lane.later),
                (DeliveryState.SENDING, lane.sending),
                (DeliveryState.DEAD, lane.given_up),
            ):
                self._deliveries.labels(lane.lane, state).set(count)
            self._oldest.labels(lane.lane).set(lane.age(now).total_seconds())
            self._pace.labels(lane.lane).set(lane.sent_last_minute)
        self._late.set(late)
        self._set_aside.set(set_aside)
        return generate_latest(self._registry)
