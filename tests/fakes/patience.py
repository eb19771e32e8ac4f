"""The end of standing still: what waits for ever fails by name, with the stacks of all that waited."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """Fail the test that runs when this is not over by then; the next one goes on. For the main thread."""

    def stands_still(_signal: int, _frame: FrameType | None) -> None:
        _tell_what_waits()
        pytest.fail(f"stood still: not over after {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, stands_still)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _tell_what_waits() -> None:
    """Where each task of the running loop waits; where the thread itself stands is in the failure."""
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return
    for task in tasks:
        sys.stderr.write(f"{task.get_name()} waits:\n")
        for place in _places(task.get_coro()):
            sys.stderr.write(f"  {place}\n")


def _places(waiting: object) -> Iterator[str]:
    """From the outermost coroutine to the one that waits."""
    while waiting is not None:
        frame = next((f for name in ("cr_frame", "gi_frame", "ag_frame") if (f := getattr(waiting, name, None))), None)
        if frame is not None:
            yield f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"
        inner = ("cr_await", "gi_yieldfrom", "ag_await")
        waiting = next((w for name in inner if (w := getattr(waiting, name, None)) is not None), None)
