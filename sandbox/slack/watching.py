"""Tells those who watch the workspace that something was shown: simulated teammates, tests, the page."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from sandbox.slack.state import Message, View


class Change(StrEnum):
    POSTED = "posted"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A message of the bot was posted, updated or deleted; the message is its latest state."""

    change: Change
    message: Message


@dataclass(frozen=True, slots=True)
class ViewChanged:
    """A modal or home tab was opened, or shows something else now."""

    change: Change
    view: View


class Watchers:
    """Calls watchers: plain ones before the bot gets its answer, coroutines in the background after."""

    def __init__(self) -> None:
        self.of_messages: list[Callable[[MessageChanged], Awaitable[None] | None]] = []
        self.of_views: list[Callable[[ViewChanged], Awaitable[None] | None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []

    def message(self, change: Change, message: Message) -> None:
        """Announce what happened to a message."""
        for watcher in self.of_messages:
            self._run(watcher(MessageChanged(change, message)))

    def view(self, change: Change, view: View) -> None:
        """Announce what happened to a view."""
        for watcher in self.of_views:
            self._run(watcher(ViewChanged(change, view)))

    async def settle(self) -> None:
        """Wait until no watcher is at work, those included that others set off; raise the first failure."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))
        if self._failures:
            failure = self._failures[0]
            self._failures.clear()
            raise failure

    async def stop(self) -> None:
        """Cancel those still at work."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks))

    def _run(self, work: Awaitable[None] | None) -> None:
        if inspect.isawaitable(work):
            task = asyncio.ensure_future(_wait_for(work))
            self._tasks.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            self._failures.append(failure)


async def _wait_for(work: Awaitable[None]) -> None:
    await work
