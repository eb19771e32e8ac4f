"""The courier between the outbox and the platforms, with both platforms' stand-ins and a real database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from alliance.audience import Recipient, ToChannel, ToHome, ToMember
from alliance.escalation_notices import EscalationNotice, EscalationRaised, EscalationRedrawn, EscalationReminder
from alliance.ids import MemberId, NoticeId
from alliance.notices import (
    ActionItemDecided,
    ActionItemDue,
    ActionItemRedrawn,
    CharterLapsed,
    CharterProposed,
    CharterRedrawn,
    CharterSigned,
    HomeChanged,
    Notice,
    PulseEnded,
    PulseOpened,
    PulseReminder,
)
from alliance.roster import Platform, Roster
from bot.delivery import Deliverer
from bot.messages.catalog import TEMPLATES
from bot.platform import ChatPlatform
from handlers.dispatch import ChatIdentity
from schedules.deliveries import GiveUp, Outcome, Sent, TryLater, Unwanted
from storage.posts import Post
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import DC, MC, MONDAY, make_roster
from tests.fakes.clock import FakeClock
from tests.fakes.pulses import make_pulse
from tests.fakes.slack_bot import ANN, TEAM
from tests.fakes.slack_room import RoomStage, room_stage
from tests.fakes.teams_bot import CHANNEL, MIA, TENANT
from tests.fakes.teams_room import RoomStage as TeamsStage
from tests.fakes.teams_room import room_stage as teams_stage

LAPSED = CharterLapsed(alliance_id=make_roster().alliance_id, version=1, missing=(DC,))
NOBODY = MemberId("dc-op3")
PEOPLE = {0: {DC: (MemberId("dc-am"),), MC: (MemberId("mc-am"),)}}


@dataclass
class Depot:
    """A courier, the two platforms it hands to, and what it said of people and messages."""

    open_uow: OpenUnitOfWork
    slack: RoomStage
    teams: TeamsStage
    lost: list[tuple[str, str]] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        platforms: dict[Platform, ChatPlatform] = {
            Platform.SLACK: self.slack.room.platform,
            Platform.TEAMS: self.teams.room.platform,
        }
        self.courier = Deliverer(self.open_uow, platforms, lost=self._lost, sent=self._sent, clock=FakeClock(MONDAY))

    async def _lost(self, who: ChatIdentity, because: str) -> None:
        self.lost.append((who.address, because))

    def _sent(self, platform: str, notice: str) -> None:
        self.sent.append((platform, notice))

    async def deliver(self, notice: Notice, to: Recipient, *, in_doubt: bool = False) -> Outcome:
        """Put a notice into the outbox and let the courier deliver it."""
        self._count += 1
        lane = f"lane {self._count}"
        async with self.open_uow() as uow:
            await uow.outbox.append(
                NoticeId(f"n{self._count}"), notice, recipients={to: lane}, urgent=False, now=MONDAY
            )
            (delivery,) = await uow.outbox.claim(lane, MONDAY, 1)
            await uow.commit()
        outcome = await self.courier.deliver(replace(delivery, in_doubt=in_doubt))
        if isinstance(outcome, Sent) and outcome.reference and outcome.known_by:  # as a lane keeps it
            async with self.open_uow() as uow:
                await uow.posts.keep(Post(delivery.alliance_id, to, outcome.known_by, outcome.reference))
                await uow.commit()
        return outcome


def settled(roster: Roster) -> Roster:
    """The roster with ANN and MIA as alliance managers, both in reach, and a third person whom Slack never knew."""
    moved = {"dc-am": (TEAM, ANN), "mc-am": (TENANT, MIA), NOBODY: (TEAM, "U9NOBODY")}
    places = [(member, *moved.get(member.key, (member.workspace, member.address))) for member in roster.members]
    members = tuple(replace(member, workspace=where, address=address) for member, where, address in places)
    dc, mc = roster.sides
    sides = (replace(dc, workspace=TEAM, channel=None), replace(mc, workspace=TENANT, channel=CHANNEL))
    return replace(roster, members=members, sides=sides)


@pytest.fixture
async def depot(open_uow: OpenUnitOfWork, roster: Roster) -> AsyncIterator[Depot]:
    async with open_uow() as uow:
        await uow.rosters.save(settled(roster))
        await uow.commit()
    async with room_stage(open_uow) as slack:
        async with open_uow() as uow:
            await uow.workspaces.remove(slack.workspace.id)
            await uow.workspaces.save(replace(slack.workspace, id=type(slack.workspace.id)("w2")))
            await uow.commit()
        async with teams_stage(open_uow) as teams:
            async with open_uow() as uow:
                await uow.workspaces.save(teams.workspace)
                await uow.commit()
            yield Depot(open_uow, slack, teams)


def to(key: str) -> Recipient:
    return ToMember(MemberId(key))


async def test_a_person_on_either_platform_gets_it_and_it_is_counted(depot: Depot) -> None:
    on_slack, on_teams = await depot.deliver(LAPSED, to("dc-am")), await depot.deliver(LAPSED, to("mc-am"))

    assert isinstance(on_slack, Sent)
    assert isinstance(on_teams, Sent)
    assert len(depot.slack.slack.inbox(TEAM, ANN)) == 1
    assert len(depot.teams.summaries()) == 1
    assert depot.sent == [("slack", "CharterLapsed"), ("teams", "CharterLapsed")]


async def test_a_channel_gets_it_and_one_that_nobody_named_does_not(depot: Depot) -> None:
    assert isinstance(await depot.deliver(LAPSED, ToChannel(MC)), Sent)
    assert await depot.deliver(LAPSED, ToChannel(DC)) == GiveUp("no address is known")


async def test_a_channels_messages_follow_its_tenant_to_a_new_address(depot: Depot) -> None:
    async with depot.open_uow() as uow:
        await uow.workspaces.save(replace(depot.teams.workspace, service_url="http://127.0.0.1:1/"))
        await uow.commit()
    early = await depot.deliver(LAPSED, ToChannel(MC))
    async with depot.open_uow() as uow:
        await uow.workspaces.save(depot.teams.workspace)
        await uow.commit()

    assert isinstance(early, TryLater)
    assert isinstance(await depot.deliver(LAPSED, ToChannel(MC)), Sent)


async def test_who_cannot_be_reached_is_noted(depot: Depot) -> None:
    outcome = await depot.deliver(LAPSED, to(NOBODY))

    assert isinstance(outcome, GiveUp)
    assert outcome.because.startswith("unreachable: ")
    assert depot.lost == [("U9NOBODY", "Slack does not know this account any more")]
    assert depot.sent == []


async def test_a_workspace_that_is_not_connected_is_waited_for(depot: Depot) -> None:
    async with depot.open_uow() as uow:
        await uow.workspaces.remove(type(depot.slack.workspace.id)("w2"))
        await uow.commit()

    outcome = await depot.deliver(LAPSED, to("dc-am"))

    assert isinstance(outcome, TryLater)
    assert not outcome.counts
    assert "is not connected" in outcome.because


async def test_a_platform_that_asks_to_wait_is_waited_for(depot: Depot) -> None:
    depot.slack.slack.fail_next("chat.postMessage", error="ratelimited", status=429, retry_after=17)

    outcome = await depot.deliver(LAPSED, to("dc-am"))

    assert isinstance(outcome, TryLater)
    assert (outcome.after, outcome.counts) == (17, False)


async def test_what_a_platform_refuses_is_given_up_and_says_why(depot: Depot) -> None:
    depot.slack.slack.fail_next("chat.postMessage", error="msg_too_long")

    outcome = await depot.deliver(LAPSED, to("dc-am"))

    assert isinstance(outcome, GiveUp)
    assert "msg_too_long" in outcome.because


async def test_what_may_have_arrived_is_looked_for_before_it_is_sent_again(depot: Depot) -> None:
    depot.slack.slack.fail_next("chat.postMessage", status=503, after_accepting=True)
    lane = "slack:doubtful"
    async with depot.open_uow() as uow:
        await uow.outbox.append(NoticeId("n0"), LAPSED, recipients={to("dc-am"): lane}, urgent=False, now=MONDAY)
        (delivery,) = await uow.outbox.claim(lane, MONDAY, 1)
        await uow.commit()

    first = await depot.courier.deliver(delivery)
    second = await depot.courier.deliver(replace(delivery, in_doubt=True))

    assert isinstance(first, TryLater)
    assert isinstance(second, Sent)
    assert len(depot.slack.slack.inbox(TEAM, ANN)) == 1


async def test_one_matter_is_one_message_with_its_replies_and_redraws(depot: Depot) -> None:
    here = LAPSED.alliance_id
    change = {"version": 2, "proposed_by": MemberId("dc-am"), "lapses_at": MONDAY, "purpose": "x", "changes": ()}
    proposed = CharterProposed(alliance_id=here, **change)  # type: ignore[arg-type]  # of several kinds
    signed = CharterSigned(alliance_id=here, version=2, by=MemberId("mc-ex1"), at=MONDAY, still_missing=(DC,))
    redrawn = replace(TEMPLATES[CharterRedrawn].examples[0], alliance_id=here)
    assert redrawn.card.version == 2

    early = await depot.deliver(redrawn, to("dc-am"))
    outcomes = [await depot.deliver(notice, to("dc-am")) for notice in (proposed, signed, redrawn)]

    chief, reply = depot.slack.slack.inbox(TEAM, ANN)
    assert early == Unwanted()
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    references = [outcome.reference for outcome in outcomes if isinstance(outcome, Sent)]
    assert references[0] == references[2]
    assert (len(chief.earlier), reply.thread_ts) == (1, chief.ts)


# --- what is redrawn, and homes --------------------------------------------------------------------------


async def test_a_redraw_of_a_deleted_message_is_let_go_and_the_next_one_starts_afresh(depot: Depot) -> None:
    proposed = TEMPLATES[CharterProposed].examples[0]
    notice = replace(proposed, alliance_id=LAPSED.alliance_id)
    await depot.deliver(notice, to("dc-am"))
    (shown,) = depot.slack.slack.inbox(TEAM, ANN)
    shown.deleted = True
    redrawn = replace(TEMPLATES[CharterRedrawn].examples[0], alliance_id=LAPSED.alliance_id)

    first, second = await depot.deliver(redrawn, to("dc-am")), await depot.deliver(redrawn, to("dc-am"))

    assert (first, second) == (Unwanted(), Unwanted())
    assert depot.slack.slack.inbox(TEAM, ANN) == []


def home_of(key: str, *, anew: bool) -> HomeChanged:
    return HomeChanged(alliance_id=LAPSED.alliance_id, members=(MemberId(key),), anew=anew)


@pytest.mark.parametrize("key", ["dc-am", "mc-am"])
async def test_a_home_is_drawn_once_it_was_asked_for(depot: Depot, key: str) -> None:
    here = ToHome(MemberId(key))

    before = await depot.deliver(home_of(key, anew=False), here)
    asked = await depot.deliver(home_of(key, anew=True), here)
    redrawn = await depot.deliver(home_of(key, anew=False), here)

    assert before == Sent(None)
    assert isinstance(asked, Sent)
    assert asked.reference is not None
    assert redrawn == asked
    homes = depot.slack.slack.home(TEAM, ANN), depot.teams.teams.home(TENANT, MIA)
    assert [home is not None for home in homes] == [key == "dc-am", key == "mc-am"]


async def test_a_home_that_slack_refuses_is_let_go_and_costs_nobody_their_reach(depot: Depot) -> None:
    here = ToHome(MemberId("dc-am"))
    await depot.deliver(home_of("dc-am", anew=True), here)
    depot.slack.slack.world.workspace(TEAM).home_enabled = False

    refused = await depot.deliver(home_of("dc-am", anew=False), here)

    assert refused == Unwanted()
    assert await depot.deliver(home_of("dc-am", anew=False), here) == Sent(None)
    assert depot.lost == []


def of_mine(kind: type[Notice], example: int = 0) -> Notice:
    made: Notice = replace(TEMPLATES[kind].examples[example], alliance_id=LAPSED.alliance_id)
    return made


@pytest.mark.parametrize(
    ("opens", "reply", "ends"),
    [
        (ActionItemDecided, ActionItemDue, ActionItemRedrawn),
        (PulseOpened, PulseReminder, PulseEnded),
    ],
)
async def test_buttons_that_can_no_longer_work_vanish_from_replies_too(
    depot: Depot, opens: type[Notice], reply: type[Notice], ends: type[Notice]
) -> None:
    async with depot.open_uow() as uow:  # a reminder asks first whether its round is still open
        for notice in (of_mine(PulseOpened),):
            assert isinstance(notice, PulseOpened)
            await uow.pulses.add(replace(make_pulse(dc=(MemberId("dc-am"),), mc=()), id=notice.pulse_id))
        await uow.commit()

    for kind in (opens, reply, ends):
        assert not isinstance(await depot.deliver(of_mine(kind), to("dc-am")), GiveUp)

    shown = depot.slack.slack.inbox(TEAM, ANN)
    assert len(shown) == 2
    assert not [block for one in shown for block in one.blocks or [] if block["type"] == "actions"]
    async with depot.open_uow(reads=True) as uow:
        subject = TEMPLATES[reply].subject
        assert subject is not None
        assert list(await uow.threads.replies(to("dc-am"), subject(of_mine(reply)))) == []


async def test_a_button_of_a_reply_stays_while_the_message_above_offers_it(depot: Depot) -> None:
    for kind, example in ((EscalationRaised, 0), (EscalationReminder, 0), (EscalationRedrawn, 0)):
        notice = of_mine(kind, example)
        assert isinstance(notice, EscalationNotice)
        case = replace(notice.escalation, alliance_id=LAPSED.alliance_id, people=PEOPLE, acknowledged={})
        async with depot.open_uow() as uow:
            await uow.escalations.save(case)
            await uow.commit()
        await depot.deliver(replace(notice, escalation=case), to("dc-am"))

    _, reminder = depot.slack.slack.inbox(TEAM, ANN)
    assert [block["elements"][0]["text"]["text"] for block in reminder.blocks or [] if block["type"] == "actions"] == [
        "Acknowledge"
    ]
    assert depot.slack.slack.accepted["chat.update"] == 1, "the reply was left as it is"
