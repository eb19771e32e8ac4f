"""Who reads a message: names, companies and mentions as they are for that reader."""

from dataclasses import dataclass

from alliance.errors import NotAMember
from alliance.ids import MemberId, SideKey
from alliance.roster import Member, Platform, Roster
from bot.messages.blocks import Inline, Mention, Strong


@dataclass(frozen=True, slots=True)
class Reader:
    """A member, or (member None) the channel of `side`; a mediator has no side."""

    roster: Roster
    member: Member | None
    side: SideKey | None

    def person(self, member_id: MemberId | None) -> Inline:
        """A mention when the reader's chat knows that person, else their name in strong text."""
        name = self.name(member_id)
        if member_id is None:
            return Strong(name)
        try:
            person = self.roster.member(member_id)
        except NotAMember:
            return Strong(name)
        return Mention(name, person.address) if self._shares_workspace(person) else Strong(name)

    def name(self, member_id: MemberId | None) -> str:
        """Name and company: "Ana Ruiz (DC)"."""
        name = self.roster.name_of(member_id)
        try:
            person = self.roster.member(member_id) if member_id else None
        except NotAMember:
            return name
        return name if person is None or person.side is None else f"{name} ({self.company(person.side)})"

    def company(self, side: SideKey) -> str:
        return self.roster.side(side).company

    def companies(self) -> str:
        """Both names in the charter's order: "DC and MC"."""
        return " and ".join(side.company for side in self.roster.sides)

    def _shares_workspace(self, person: Member) -> bool:
        if not person.active or not person.name:
            return False
        if person.platform is Platform.TEAMS:
            # Teams refuses to mention anybody who is not in the conversation, and a personal chat holds one person.
            return person == self.member
        if self.member is not None:
            return (person.platform, person.workspace) == (self.member.platform, self.member.workspace)
        if self.side is None:
            return False
        side = self.roster.side(self.side)
        return (person.platform, person.workspace) == (side.platform, side.workspace)
