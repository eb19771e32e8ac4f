"""Escalations to test with: a case that people and time play on, with the rules and the joint clock alone."""

import datetime as dt
from dataclasses import dataclass, field

from alliance.charter import CharterVersion
from alliance.escalation import Escalation, Event, is_open
from alliance.escalation_acts import Accept, Acknowledge, Act, GiveStatement, MoveUp, Propose
from alliance.escalation_changes import Scene
from alliance.escalation_notices import EscalationNotice
from alliance.escalation_people import carriers
from alliance.ids import EscalationId, SideKey
from alliance.ladder import Draft, deadlines, fall_due, raise_escalation, step
from alliance.protocol import Urgency
from alliance.roster import Member, Roster
from tests.fakes.builders import DC, MC, MONDAY, make_charter_version, make_roster


@dataclass(slots=True)
class Play:
    """A case, its people, and now; `told` are the notices of the last step, `all_told` of every step."""

    case: Escalation
    roster: Roster
    now: dt.datetime
    told: tuple[EscalationNotice, ...] = ()
    all_told: list[EscalationNotice] = field(default_factory=list)

    @property
    def scene(self) -> Scene:
        return Scene(self.roster, self.now, "Sixty days' notice.")

    def who(self, key: str) -> Member:
        return self.roster.by_key(key)

    def carrier(self, side: SideKey) -> Member:
        return self.roster.member(carriers(self.case, self.roster, side)[0])

    def act(self, act: Act) -> Escalation:
        self.case, self.told = step(self.case, act, self.scene)
        self.all_told.extend(self.told)
        return self.case

    def wait(self) -> Event:
        """Let the next deadline come and do what time asks."""
        event, at = min(deadlines(self.case, self.roster.joint_clock), key=lambda due: due[1])
        self.now = max(self.now, at)
        self.case, self.told = fall_due(self.case, event, self.scene)
        self.all_told.extend(self.told)
        return event

    def wait_for(self, event: Event) -> Escalation:
        while self.wait() is not event:
            pass
        return self.case

    # --- what most stories need ----------------------------------------------------------------------

    def acknowledge(self) -> Escalation:
        for side in (DC, MC):
            self.act(Acknowledge(self.carrier(side)))
        return self.case

    def propose(self, side: SideKey = DC) -> Escalation:
        return self.act(Propose(self.carrier(side), "Move the pilot by a week.", "Both can keep that date."))

    def state(self) -> Escalation:
        for side in (DC, MC):
            self.act(GiveStatement(self.carrier(side), f"Facts of {side}.", f"Needs as {side} sees them."))
        return self.case

    def move_up(self) -> Escalation:
        self.act(MoveUp(self.carrier(MC), "We cannot settle this here."))
        return self.state()

    def to_the_top(self) -> Escalation:
        """Up to where a mediator is to be named."""
        while self.case.level <= self.case.protocol.top:
            self.move_up()
        return self.case

    def accept(self, side: SideKey = MC) -> Escalation:
        return self.act(Accept(self.carrier(side)))

    @property
    def is_open(self) -> bool:
        return is_open(self.case)


def make_play(
    author: str | None = "dc-op1",
    *,
    urgency: Urgency = Urgency.ROUTINE,
    at: dt.datetime = MONDAY,
    roster: Roster | None = None,
    version: CharterVersion | None = None,
) -> Play:
    """A case that was just raised, by DC's first operational member on a Monday in joint hours."""
    people = roster or make_roster()
    draft = Draft(
        title="The pilot slips",
        facts="The second milestone moved twice.",
        need="One date that both keep.",
        urgency=urgency,
        author=people.by_key(author) if author else None,
    )
    scene = Scene(people, at)
    case, told = raise_escalation(draft, EscalationId("e1"), 1, version or make_charter_version(), scene)
    return Play(case, people, at, told, list(told))


def told_of(play: Play, kind: type[EscalationNotice]) -> EscalationNotice:
    """The one notice of that kind that the last step told."""
    (found,) = [notice for notice in play.told if isinstance(notice, kind)]
    return found
