"""Faults on demand: what goes wrong with the next calls of a method."""

from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    `delay` waits so many seconds on the clock first; a fault that only delays lets the call go on.
    With `after_accepting` the call is carried out and only its answer is spoilt, or late where nothing but `delay`
    is named. Without `error`, `status` and `retry_after` a spoilt answer is none at all: the connection breaks.
    """

    error: str | None = None
    status: int | None = None
    retry_after: int | None = None
    after_accepting: bool = False
    delay: float | None = None

    @property
    def only_delays(self) -> bool:
        named = (self.error, self.status, self.retry_after)
        return self.delay is not None and all(one is None for one in named)


class Faults:
    """The faults that wait, per method and for one workspace or any, first come first served."""

    def __init__(self) -> None:
        self._waiting: defaultdict[tuple[str, str], deque[Fault]] = defaultdict(deque)

    def add(self, method: str, fault: Fault, times: int, team: str = "") -> None:
        """Let the fault befall the next `times` calls of the method (or of any method, for `*`)."""
        self._waiting[method, team].extend([fault] * times)

    def next(self, method: str, team: str) -> Fault | None:
        """Return and use up the fault for a call of this method, None when all is well."""
        for name in ((method, team), (method, ""), ("*", "")):
            if self._waiting[name]:
                return self._waiting[name].popleft()
        return None

    def clear(self) -> None:
        """Let all be well from now on."""
        self._waiting.clear()
