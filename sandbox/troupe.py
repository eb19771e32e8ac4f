"""The troupe: whenever somebody is shown something to act on, it goes onto the agenda for when they get to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.agenda import Agenda
from sandbox.decisions import DECISIONS, Decide, due_for
from sandbox.people import Deed, Teammate, do
from sandbox.seats import Refusal, Seen, SeenButton, SlackSeat, TeamsSeat
from sandbox.slack.watching import MessageChanged
from sandbox.stage import Stage
from sandbox.teams.state import Message as TeamsMessage


@dataclass(frozen=True, slots=True)
class Sight:
    """A message that was shown: to whom (None: a channel), on which platform, its notification line."""

    person: Teammate | None
    platform: str
    summary: str
    is_new: bool


class Troupe:
    """Lets the people of a stage answer by themselves; tells `saw` what is shown and `did` what somebody pressed.

    Who `may_act` refuses plans nothing; what is not in `decisions` nobody does.
    """

    def __init__(
        self,
        stage: Stage,
        agenda: Agenda,
        *,
        saw: Callable[[Sight], None],
        did: Callable[[Teammate, str], None],
        may_act: Callable[[Teammate], bool] = lambda _person: True,
        decisions: Mapping[str, Decide] = DECISIONS,
    ) -> None:
        self._stage = stage
        self._agenda = agenda
        self._saw = saw
        self._did = did
        self._may_act = may_act
        self._decisions = decisions
        self._planned: set[tuple[str, str]] = set()
        self._asked: set[tuple[str, str]] = set()
        self.refusals: list[str] = []
        people = stage.people.values()
        self._on_slack = {p.seat.user: p for p in people if isinstance(p.seat, SlackSeat)}
        self._on_teams = {p.seat.person: p for p in people if isinstance(p.seat, TeamsSeat)}
        stage.slack.on_message(self._slack_changed)
        stage.teams.on_message(self._teams_changed)

    def look_again(self) -> None:
        """Let everybody who may act now look through their chat for what waits for them."""
        for person in self._stage.people.values():
            if self._may_act(person):
                for seen in person.seat.inbox():
                    self._shown(person, seen)

    def withdraw(self) -> None:
        """Take back the plans of those who may not act any more; `look_again` makes them anew."""
        leaving = {key for key, _ in self._planned if not self._may_act(self._stage.people[key])}
        self._agenda.drop(lambda name: name.partition(" ")[0] in leaving)
        taken_back = {(key, token) for key, token in self._planned if key in leaving}
        self._planned -= taken_back
        self._asked -= taken_back

    def _slack_changed(self, changed: MessageChanged) -> None:
        message = changed.message
        channel = self._stage.slack.world.workspace(message.team_id).channels[message.channel_id]
        person = self._on_slack.get(channel.im_with or "")
        self._saw(Sight(person, "Slack", message.text, is_new=changed.change == "posted"))
        if person is not None and isinstance(person.seat, SlackSeat) and not message.deleted:
            self._shown(person, person.seat.read(message))

    def _teams_changed(self, message: TeamsMessage, change: str) -> None:
        chat = self._stage.teams.directory.find(message.conversation_id)
        person = self._on_teams.get(chat.members[0].aad_object_id) if chat and chat.is_personal else None
        self._saw(Sight(person, "Teams", message.summary or message.text, is_new=change == "posted"))
        if person is not None and isinstance(person.seat, TeamsSeat) and not message.deleted:
            self._shown(person, person.seat.read(message))

    def _shown(self, person: Teammate, seen: Seen) -> None:
        """Plan what the message asks for, each button once."""
        for button in seen.buttons:
            person.reads(button.subject, seen.text)
            plan = (person.key, button.token)
            if button.action not in self._decisions or plan in self._asked or not self._may_act(person):
                continue
            self._asked.add(plan)
            self._planned.add(plan)
            nth = person.nth(button.action)
            at = due_for(person, button.action, self._stage.clock.now(), nth)
            name = f"{person.key} {button.action}"

            async def act(token: str = button.token, nth: int = nth) -> None:
                await self._act(person, token, nth)

            self._agenda.add(at, name, act)

    async def _act(self, person: Teammate, token: str, nth: int) -> None:
        """Look again: the button may be gone, or somebody else was faster."""
        self._planned.discard((person.key, token))
        found = self._find(person, token)
        if found is None or not person.is_at_work(self._stage.clock.now()):
            return
        seen, button = found
        deed: Deed | None = self._decisions[button.action](person, seen, button, nth)
        if deed is None:
            return
        try:
            await do(person, seen, deed)
        except Refusal as refusal:
            self.refusals.append(f"{person.key}: {refusal}")
        else:
            self._did(person, button.label)

    def _find(self, person: Teammate, token: str) -> tuple[Seen, SeenButton] | None:
        for seen in reversed(person.seat.inbox()):
            for button in seen.buttons:
                if button.token == token:
                    return seen, button
        return None
