"""The sweep: whatever has fallen due is done, one transaction each."""

from handlers.dispatch import Dispatch
from schedules.clock import Clock

MOST_AT_ONCE = 1000
"""Timers of one sweep; the next tick goes on, so that one sweep always ends."""


async def sweep(dispatch: Dispatch, clock: Clock) -> int:
    """Let every due timer happen, earliest first; returns how many did."""
    done = 0
    while done < MOST_AT_ONCE and await dispatch.fall_due(clock.now()):
        done += 1
    return done
