"""Alliances with open pulse rounds, put into a database as an operator, signers and time would have put them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert
from sqlmodel import col, delete, select

from alliance.ids import MemberId, PulseId, SideKey, WorkspaceId
from alliance.items import items_of_round
from alliance.notices import PulseOpened
from alliance.pulse import Pulse, invite, invitees
from alliance.roster import Member, Platform, Roster
from bot.alliance_cli import imported
from bot.charter_file.checking import check
from handlers.call import Call
from handlers.dispatch import ChatIdentity, Dispatch
from handlers.intents import PersonIntent, ProposeCharter, SignCharter
from sandbox.slack import SlackStandIn
from sandbox.stage import APP_ID, APP_PASSWORD, SIGNING_SECRET
from sandbox.teams import TeamsStandIn
from schedules.clock import SystemClock
from storage.opening import Database
from storage.outbox import DeliveryState
from storage.tables import (
    ConversationRow,
    DeliveryRow,
    PulseAnswerRow,
    PulseParticipationRow,
    PulseRow,
    TimerRow,
    WorkspaceRow,
)
from storage.workspaces import Workspace
from tests.fakes.network import Network, network

HOME_TENANT = "6d632d01-7475-7474-6761-727400000000"


@dataclass(frozen=True, slots=True)
class Place:
    """One alliance with its newest open round."""

    roster: Roster
    pulse: Pulse

    def members_on(self, platform: Platform) -> list[Member]:
        """Those who are asked, on that platform."""
        asked = {member for members in self.pulse.invited.values() for member in members}
        return [member for member in self.roster.members if member.id in asked and member.platform is platform]

    def opened(self, side: SideKey, members: tuple[MemberId, ...]) -> PulseOpened:
        """What these people of a side are told of the round."""
        return PulseOpened(
            alliance_id=self.pulse.alliance_id,
            pulse_id=self.pulse.id,
            side=side,
            items=self.pulse.items,
            closes_at=self.pulse.closes_at,
            minimum_answers=5,
            minimum_comments=10,
            members=members,
        )


def described(*, alliances: int, members: int) -> Network:
    """So many alliances with that many members on each side; the stand-ins are only asked for names."""
    clock = SystemClock()
    slack = SlackStandIn(clock=clock, signing_secret=SIGNING_SECRET)
    teams = TeamsStandIn(clock=clock, app_id=APP_ID, app_password=APP_PASSWORD, home_tenant_id=HOME_TENANT)
    return network(slack, teams, alliances=alliances, members=members)


async def populate(database: Database, net: Network, *, service_url: str | None = None) -> None:
    """Import every alliance, connect every workspace, and bring every charter into force. Nothing waits to be sent."""
    now = SystemClock().now()
    async with database.open_uow() as uow:
        for team, token in net.tokens.items():
            await uow.workspaces.save(Workspace(WorkspaceId(uow.new_id()), Platform.SLACK, team, team, {"bot": token}))
        for tenant in net.tenants:
            theirs = Workspace(WorkspaceId(uow.new_id()), Platform.TEAMS, tenant, tenant, service_url=service_url)
            await uow.workspaces.save(theirs)
        await uow.commit()
    for content in net.files:
        checked = check(content)
        assert checked.document is not None, checked.problems
        await imported(database.open_uow, checked.document, now=now)
    for roster in await _rosters(database):
        await _sign(database, roster, now)
    await _let_nothing_wait(database)


async def open_rounds(database: Database) -> list[Place]:
    """Take away every earlier round with its answers, and open one in each alliance that stays open for days."""
    now = SystemClock().now()
    await _forget_rounds(database)
    places: list[Place] = []
    for roster in await _rosters(database):
        async with database.open_uow() as uow:
            version = await uow.charters.in_force(roster.alliance_id)
            terms = version.charter.pulse
            pulse = Pulse(
                id=PulseId(uow.new_id()),
                alliance_id=roster.alliance_id,
                charter_version=version.version,
                number=1,
                day=now.date(),
                items=items_of_round(1, terms.dimensions, terms.items_per_round),
                closes_at=now + dt.timedelta(days=3),
            )
            await uow.pulses.add(pulse)
            for side in roster.sides:
                pulse = invite(pulse, side.key, invitees(roster, side.key, pulse.closes_at))
            await uow.pulses.save(pulse)
            await uow.commit()
        places.append(Place(roster, pulse))
    return places


async def converse(database: Database, members: Iterable[Member]) -> None:
    """Let the direct conversation with each of them be known, as it is from their first message on."""
    async with database.engine.begin() as connection:
        known = await connection.execute(select(WorkspaceRow.external_id, WorkspaceRow.id))
        workspaces: dict[str, str] = dict(known.tuples().all())
        rows = [
            {"workspace_id": workspaces[one.workspace], "address": one.address, "conversation": f"D{one.address}"}
            for one in members
        ]
        await connection.execute(insert(ConversationRow), rows)


async def tell_of(database: Database, places: Sequence[Place]) -> int:
    """Let everybody who is asked be told that the pulse is open, in one transaction; returns how many they are."""
    now = SystemClock().now()
    async with database.open_uow() as uow:
        for place in places:
            call = Call(uow=uow, roster=place.roster, member=None, now=now)
            for side, members in place.pulse.invited.items():
                await call.tell(place.opened(side, tuple(members)))
        await uow.commit()
    return sum(len(members) for place in places for members in place.pulse.invited.values())


async def sent(database: Database) -> int:
    """How many messages have been sent."""
    async with database.engine.connect() as connection:
        done = select(func.count()).where(col(DeliveryRow.state) == DeliveryState.SENT)
        return int((await connection.execute(done)).scalar_one())


async def answers_stored(database: Database) -> int:
    """How many answers lie in the database; each has its participation, or this raises."""
    async with database.engine.connect() as connection:
        answers = (await connection.execute(select(func.count()).select_from(PulseAnswerRow))).scalar_one()
        people = (await connection.execute(select(func.count()).select_from(PulseParticipationRow))).scalar_one()
    if answers != people:
        raise AssertionError(f"{answers} answers of {people} people are stored")
    return int(answers)


async def _rosters(database: Database) -> list[Roster]:
    async with database.open_uow(reads=True) as uow:
        return await uow.rosters.all()


async def _sign(database: Database, roster: Roster, now: dt.datetime) -> None:
    async def scrub() -> None: ...

    dispatch = Dispatch(database.open_uow, wake=lambda _lanes: None, scrub=scrub)
    by_key: Mapping[str, Member] = {member.key: member for member in roster.members}
    asked: tuple[tuple[str, PersonIntent], ...] = (
        ("dc-cleo", ProposeCharter(alliance_id=roster.alliance_id, version=1)),
        ("dc-dana", SignCharter(alliance_id=roster.alliance_id, version=1)),
        ("mc-mara", SignCharter(alliance_id=roster.alliance_id, version=1)),
    )
    for key, intent in asked:
        member = by_key[key]
        who = ChatIdentity(member.platform, member.workspace, member.address)
        await dispatch.ask(intent, who=who, key=f"{roster.alliance_id}:{key}:{intent}", now=now)


async def _let_nothing_wait(database: Database) -> None:
    """Drop what the liaison would send and do about it, so that a round measures its own work alone."""
    async with database.engine.begin() as connection:
        await connection.execute(delete(DeliveryRow))
        await connection.execute(delete(TimerRow))


async def _forget_rounds(database: Database) -> None:
    async with database.engine.begin() as connection:
        for table in (PulseAnswerRow, PulseParticipationRow, PulseRow):
            await connection.execute(delete(table))
