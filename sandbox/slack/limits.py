"""Slack's rate limits, measured on the stand-in's clock.

Sources: docs.slack.dev/apis/web-api/rate-limits and, for the tiers,
slackapi/java-slack-sdk metadata/web-api/rate_limit_tiers.json.
"""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sandbox.clock import Clock


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls a minute, after a burst that was saved up."""

    per_minute: float
    burst: int


TIER_1 = Rate(1, 10)  # as many sockets as an app may hold can connect at once
TIER_2 = Rate(20, 20)
TIER_3 = Rate(50, 50)
TIER_4 = Rate(100, 100)
SPECIAL = Rate(600, 100)

_METHODS: Mapping[str, Rate] = MappingProxyType(
    {
        "apps.connections.open": TIER_1,
        "auth.test": SPECIAL,
        "chat.delete": TIER_3,
        "chat.postEphemeral": TIER_4,
        "chat.update": TIER_3,
        "conversations.history": TIER_3,
        "conversations.info": TIER_3,
        "conversations.members": TIER_4,
        "conversations.open": TIER_3,
        "conversations.replies": TIER_3,
        "users.info": TIER_4,
        "users.lookupByEmail": TIER_3,
        "views.open": TIER_4,
        "views.publish": TIER_4,
        "views.push": TIER_4,
        "views.update": TIER_4,
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the stand-in takes: per method and workspace, and for posts per channel and per workspace.

    None in `posts_per_channel` or `posts_per_workspace`, and a method that is not listed, means no limit.
    """

    methods: Mapping[str, Rate] = field(default_factory=lambda: _METHODS)
    posts_per_channel: Rate | None = Rate(60, 5)
    posts_per_workspace: Rate | None = Rate(300, 60)

    def with_method(self, method: str, rate: Rate) -> "Limits":
        """Return the same limits with another rate for one method."""
        return replace(self, methods={**self.methods, method: rate})


REAL_LIMITS = Limits()
NO_LIMITS = Limits(methods={}, posts_per_channel=None, posts_per_workspace=None)


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: dt.datetime


class Meter:
    """Counts calls against the limits."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._buckets: dict[tuple[str, ...], _Bucket] = {}

    def seconds_to_wait(self, team_id: str, method: str, channel_id: str | None) -> int | None:
        """Count one call; None when it is within the limits, else after how many seconds to try again."""
        asked: list[tuple[tuple[str, ...], Rate | None]]
        if method == "chat.postMessage":
            asked = [
                ((team_id, method, channel_id or ""), self._limits.posts_per_channel),
                ((team_id, method), self._limits.posts_per_workspace),
            ]
        else:
            asked = [((team_id, method), self._limits.methods.get(method))]
        buckets = [(self._filled(key, rate), rate) for key, rate in asked if rate is not None]
        missing = [(1 - bucket.tokens) * 60 / rate.per_minute for bucket, rate in buckets if bucket.tokens < 1]
        if missing:
            return max(1, math.ceil(round(max(missing), 6)))
        for bucket, _ in buckets:
            bucket.tokens -= 1
        return None

    def _filled(self, key: tuple[str, ...], rate: Rate) -> _Bucket:
        now = self._clock.now()
        bucket = self._buckets.setdefault(key, _Bucket(rate.burst, now))
        gained = (now - bucket.filled_at).total_seconds() * rate.per_minute / 60
        bucket.tokens = min(rate.burst, bucket.tokens + gained)
        bucket.filled_at = now
        return bucket
