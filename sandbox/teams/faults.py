"""Bad days on demand: what the next calls of one operation meet instead of an answer."""

from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.teams.errors import Refused


class Operation(StrEnum):
    """What a bot can ask of Microsoft; also the names in the request log and its counters."""

    TOKEN = "token"
    OPENID = "openid"
    KEYS = "keys"
    CREATE = "create"
    SEND = "send"
    REPLY = "reply"
    UPDATE = "update"
    DELETE = "delete"
    MEMBERS = "members"
    MEMBER = "member"
    PAGED_MEMBERS = "paged_members"


@dataclass(slots=True)
class Fault:
    """An error for the next `times` calls; without a status the call is only slow.

    `delay` is in seconds of the stand-in's clock. With `after_accepting` the call takes effect and then
    fails. `body` stands in for the JSON error, as a gateway's HTML page does.
    """

    status: int | None
    code: str | None = None
    retry_after: int | None = None
    times: int = 1
    after_accepting: bool = False
    delay: float | None = None
    body: str | None = None

    def refusal(self) -> Refused | None:
        if self.status is None:
            return None
        return Refused(self.status, self.code, retry_after=self.retry_after, body=self.body)


@dataclass(slots=True)
class Faults:
    """The faults still to come, in the order in which they were asked for."""

    waiting: dict[Operation, list[Fault]] = field(default_factory=dict)

    def add(self, operation: Operation, fault: Fault) -> None:
        self.waiting.setdefault(operation, []).append(fault)

    def take(self, operation: Operation) -> Fault | None:
        queue = self.waiting.get(operation)
        if not queue:
            return None
        fault = queue[0]
        fault.times -= 1
        if fault.times <= 0:
            queue.pop(0)
        return fault
