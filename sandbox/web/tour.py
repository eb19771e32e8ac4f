"""How far a visitor has come on the tour, judged by what really happened: the audit trail, and what they were shown."""

import re
from collections.abc import Collection, Iterable, Mapping

from sandbox.people import Teammate
from sandbox.web.backstage import AuditLine
from sandbox.web.window import ShownMessage

STEPS = ("sign", "checkin", "pulse", "gap", "escalation", "missed", "checkpoint")
BY_EVENT = {
    "charter in force": "sign",
    "acknowledgement missed": "missed",
    "checkpoint closed": "checkpoint",
}
BY_ANSWER = {"checkin.answer": "checkin", "pulse.answer": "pulse"}
ENOUGH_ANSWERS = 5
"""What the sample alliance's charter asks of a side before it shows its scores."""


class Tour:
    """`people` by their keys; `played` is asked for anew each time, as it grows."""

    def __init__(self, people: Mapping[str, Teammate], played: Collection[str]) -> None:
        self._people = people
        self._played = played
        self._done: set[str] = set()
        self._results: set[str] = set()
        self._raised: dict[str, str] = {}
        self.read_to = 0

    def progress(self) -> list[dict[str, object]]:
        return [{"key": step, "done": step in self._done} for step in STEPS]

    def happened(self, lines: Iterable[AuditLine]) -> None:
        """Read on in the audit trail, from `read_to`."""
        for entry in lines:
            self.read_to = max(self.read_to, entry.number)
            if entry.event in BY_EVENT:
                self._done.add(BY_EVENT[entry.event])
            elif entry.event == "pulse closed" and _has_figures(entry):
                self._results.add(entry.subject)
            elif entry.event == "escalation raised" and entry.actor in self._played:
                self._raised[entry.subject] = self._people[entry.actor or ""].side

    def answered(self, action: str, before: str, after: str) -> None:
        """A played person pressed a button that does `action`; taken when the message shows something else now."""
        if action in BY_ANSWER and before != after:
            self._done.add(BY_ANSWER[action])

    def looked(self, person: str, messages: Iterable[ShownMessage]) -> None:
        """The visitor was shown these messages as that person."""
        side = self._people[person].side
        for message in messages:
            if any(_names(result, message.text) for result in self._results):
                self._done.add("gap")
            if any(from_side != side and _names(case, message.text) for case, from_side in self._raised.items()):
                self._done.add("escalation")


def _has_figures(entry: AuditLine) -> bool:
    answers = [int(value.partition(" ")[0]) for name, value in entry.facts.items() if name.startswith("answered ")]
    return len(answers) == 2 and min(answers) >= ENOUGH_ANSWERS


def _names(subject: str, text: str) -> bool:
    """Whether a text names "pulse 1" or "escalation 2", and not pulse 12."""
    return re.search(rf"\b{re.escape(subject)}\b", text, re.IGNORECASE) is not None
