"""One visit to the sandbox: who is played, who answers by themselves, what has changed."""

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable

from sandbox.agenda import Agenda, Timeline
from sandbox.decisions import DECISIONS
from sandbox.journal import Exchange, Journal
from sandbox.people import CHARACTERS, Kind, Teammate
from sandbox.seats import SeenButton, SlackSeat, TeamsSeat
from sandbox.stage import Stage
from sandbox.troupe import Troupe
from sandbox.web import asked
from sandbox.web.backstage import Backstage
from sandbox.web.clockwork import PACE, Clockwork
from sandbox.web.reading import Reading
from sandbox.web.slack_window import SlackWindow
from sandbox.web.teams_window import TeamsWindow
from sandbox.web.tour import Tour
from sandbox.web.window import Impossible, Outcome, PlaceName, ShownMessage, Window

MOMENT = dt.timedelta(seconds=3)
"""What a person needs to do something, in the sandbox's time, which otherwise stands still meanwhile."""
LEANINGS = {"dc": {"communication": -1.3}, "mc": {"communication": 0.5}}
"""How the two sides see it differently, so that the first pulse has something to show."""

THEIRS = {action: decide for action, decide in DECISIONS.items() if action != "escalation.ask-raise"}
"""What teammates do by themselves: raising an escalation is left to the visitor."""


class Session:
    """Everything that the page shows and does; `version` grows with whatever becomes different.

    `pace`: seconds of the computer's own time between two moves while the clock plays.
    """

    def __init__(
        self, stage: Stage, timeline: Timeline, agenda: Agenda, backstage: Backstage, *, pace: float = PACE
    ) -> None:
        self.stage = stage
        self.agenda = agenda
        self.backstage = backstage
        self.version = 1
        self.teammates = True
        self.played: set[str] = set()
        self.journal = Journal()
        self.reading = Reading()
        self.tour = Tour(stage.people, self.played)
        self.windows = _windows(stage)
        self.clockwork = Clockwork(stage.clock, timeline, backstage.companies, changed=self.changed, pace=pace)
        self._timeline = timeline
        self._news = asyncio.Event()
        self._troupe = Troupe(
            stage,
            agenda,
            saw=lambda _: self.changed(),
            did=lambda *_: self.changed(),
            may_act=self.acts_by_themselves,
            decisions=THEIRS,
        )
        for person in stage.people.values():
            person.leanings.update(LEANINGS.get(person.side, {}))
        self._watch()
        self._troupe.look_again()

    def _watch(self) -> None:
        self.stage.clock.on_move(self.changed)
        self.stage.slack.on_view(lambda _: self.changed())
        self.stage.slack.on_exchange(self._noted)
        self.stage.teams.on_exchange(self._noted)

    def _noted(self, exchange: Exchange) -> None:
        self.journal.note(exchange)
        self.changed()

    # --- what has changed --------------------------------------------------------------------------

    def changed(self) -> None:
        self.version += 1
        self._news.set()
        self._news = asyncio.Event()

    async def news(self, after: int) -> None:
        """Return once the version is another than `after`."""
        while self.version == after:
            await self._news.wait()

    # --- who does what -----------------------------------------------------------------------------

    def person(self, key: str) -> Teammate:
        if key not in self.stage.people:
            raise Impossible(404, f"There is nobody called “{key[:60]}” here.")
        return self.stage.people[key]

    def acts_by_themselves(self, person: Teammate) -> bool:
        return self.teammates and person.key not in self.played and person.character.kind is not Kind.SILENT

    def let_teammates(self, *, answer: bool) -> None:
        """Let those whom nobody plays answer by themselves, or nobody."""
        self.teammates = answer
        self._cast_anew()

    def give_character(self, person: Teammate, kind: Kind) -> None:
        person.character = CHARACTERS[kind]
        self._cast_anew()

    def leave(self, person: Teammate) -> None:
        """Let somebody who was played answer by themselves again."""
        self.played.discard(person.key)
        self._cast_anew()

    def _play(self, person: Teammate) -> None:
        if person.key not in self.played:
            self.played.add(person.key)
            self._troupe.withdraw()

    def _cast_anew(self) -> None:
        self._troupe.withdraw()
        self._troupe.look_again()
        self.changed()

    # --- looking and acting ------------------------------------------------------------------------

    async def look(self, person: Teammate, place: PlaceName) -> list[ShownMessage]:
        """What stands in a place as that person sees it; the tour notes what the visitor was shown."""
        messages = self.windows[person.key].messages(place)
        await self.follow()
        self.tour.looked(person.key, messages)
        return messages

    async def follow(self) -> None:
        """Let the tour read on in the audit trail."""
        self.tour.happened(await self.backstage.audit(self.tour.read_to))

    async def act(self, act: asked.Act) -> Outcome:
        """Do what somebody does, when it is its turn; raises Impossible."""
        person = self.person(act.who)
        self._play(person)
        action = SeenButton("", act.token).action if isinstance(act, asked.Press) else ""
        before = self._look_of(person, act)
        outcome = await self._timeline.doing(self._in_a_moment(self.windows[person.key], act))
        await self._timeline.settle()
        self.tour.answered(action, before, self._look_of(person, act))
        if isinstance(act, asked.Open):
            self.reading.opened(person.key, act.place, self.windows[person.key].messages(act.place))
        self.changed()
        return outcome

    async def _in_a_moment(self, window: Window, act: asked.Act) -> Outcome:
        """Do it a moment later, since platforms count how much happens in one second."""
        if not isinstance(act, asked.Open):
            self.stage.clock.move_by(MOMENT)
        return await self._done(window, act)

    def _done(self, window: Window, act: asked.Act) -> Awaitable[Outcome]:
        match act:
            case asked.Press():
                if act.place == "dialog":
                    return window.press_in_dialog(act.dialog, act.token, act.inputs)
                return window.press(act.place, act.message, act.token, act.inputs)
            case asked.Say():
                return window.say(act.place, act.text, act.thread)
            case asked.Submit():
                return window.submit(act.dialog, act.token, act.inputs)
            case asked.Close():
                return window.close(act.dialog)
            case asked.Open():
                return window.open(act.place)

    def _look_of(self, person: Teammate, act: asked.Act) -> str:
        """What the message that is pressed looks like."""
        if not isinstance(act, asked.Press) or act.place == "dialog":
            return ""
        found = self.windows[person.key].messages(act.place)
        return next((json.dumps([one.text, one.slack, one.teams]) for one in found if one.id == act.message), "")


def _windows(stage: Stage) -> dict[str, Window]:
    people = stage.people
    on_slack = {p.seat.user: p for p in people.values() if isinstance(p.seat, SlackSeat)}
    on_teams = {p.seat.person: p for p in people.values() if isinstance(p.seat, TeamsSeat)}
    windows: dict[str, Window] = {}
    for key, person in people.items():
        if isinstance(person.seat, SlackSeat):
            windows[key] = SlackWindow(stage, person.seat, person.side, on_slack)
        elif isinstance(person.seat, TeamsSeat):
            windows[key] = TeamsWindow(stage, person.seat, person.side, on_teams)
    return windows
