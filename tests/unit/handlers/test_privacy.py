"""A person asks what is stored about them, and has it deleted: totals stay, the person goes."""

import datetime as dt
from collections.abc import Mapping

import pytest
from sqlalchemy import JSON, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from alliance.action_item import ActionItem
from alliance.audience import ToMember, audience
from alliance.audit import AuditFact
from alliance.checkin import Checkin, CheckinAnswer, CheckinSummary, Course, Point, SideSummary
from alliance.checkpoint import Checkpoint, CheckpointAnswer, Remark, Retrospective
from alliance.errors import NotAMember
from alliance.escalation_acts import GiveStatement, MoveUp, SayProgress
from alliance.escalation_notices import EscalationProgress
from alliance.ids import (
    ActionItemId,
    CheckinId,
    CheckpointId,
    MemberId,
    PulseId,
    WarningId,
    WorkspaceId,
)
from alliance.notices import CheckinClosed, CheckpointClosed, MemberUnreachable, PointPassedOn, WarningFound
from alliance.privacy import REMOVED, Trace
from alliance.pulse import PulseAnswer, answer_key
from alliance.roster import Platform, Roster
from alliance.rounds import RoundState
from alliance.warning import EarlyWarning, WarningRule
from handlers.call import Call
from handlers.dispatch import ChatIdentity
from handlers.intents import ForgetMe, ShowStatus, ShowStored
from handlers.privacy import ForgettingAsked, Forgotten, StoredShown
from storage.conversations import Conversation
from storage.outbox import Reference
from storage.posts import Post
from storage.tables import NoticeRow
from storage.unit_of_work import OpenUnitOfWork, UnitOfWork
from storage.workspaces import Workspace
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY
from tests.fakes.calendars import day
from tests.fakes.driving import Driver
from tests.fakes.escalations import make_play
from tests.fakes.pulses import make_pulse

ME = MemberId("dc-op1")
NAME, ADDRESS = "Dc Op1", "U-dc-op1"
WORDS = ("zebra moved", "zebra is next", "No zebra access to it.", "zebra facts", "zebra needs", "zebra news")
"""Everything that the person wrote has a zebra in it, and nobody else's words have."""
TITLE = "The pilot slips"


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    made = Driver(engine, open_uow, MONDAY)
    async with open_uow() as uow:
        call = Call(uow=uow, roster=roster, member=None, now=MONDAY)
        await _checkin(call)
        await _escalation(call)
        await _checkpoint(call)
        await _others(call)
        await _open_pulse(uow)
        await uow.commit()
    return made


async def _checkin(call: Call) -> None:
    checkin = Checkin(CheckinId("c1"), ALLIANCE, 1, day("2026-01-27"), MONDAY, RoundState.CLOSED)
    await call.uow.checkins.save(checkin)
    for key, side, text in ((ME, DC, WORDS[2]), (MemberId("mc-op1"), MC, "No lion access.")):
        answer = CheckinAnswer(key, side, Course.BLOCKED, WORDS[0] if key == ME else "Lion.", "", text)
        await call.uow.checkins.save_answer(checkin.id, answer)
    mine = Point(ME, DC, WORDS[2], blocks=True, rounds=2)
    theirs = Point(MemberId("mc-op1"), MC, "No lion access.", blocks=True)
    sides = tuple(SideSummary(side, 7, 1, {Course.BLOCKED: 1}) for side in (DC, MC))
    summary = CheckinSummary(checkin.id, checkin.day, sides, (mine, theirs))
    await call.uow.checkins.save_summary(summary)
    await call.tell(
        CheckinClosed(alliance_id=ALLIANCE, summary=summary),
        PointPassedOn(alliance_id=ALLIANCE, checkin_id=checkin.id, point=mine, counterpart=MemberId("mc-op1")),
    )
    warning = EarlyWarning(
        WarningId("w1"), ALLIANCE, WarningRule.SAME_BLOCKER, "DC", DC, ("DC named it twice:", WORDS[2]), MONDAY
    )
    await call.uow.warnings.add(warning, "check-in c1")
    await call.tell(WarningFound(alliance_id=ALLIANCE, warning=warning))


async def _escalation(call: Call) -> None:
    play = make_play("dc-op1")
    play.acknowledge()
    play.act(SayProgress(play.who("dc-op1"), WORDS[5]))
    play.act(MoveUp(play.who("mc-op1"), f"They say: {WORDS[2]}"))
    play.act(GiveStatement(play.who("dc-op1"), WORDS[3], WORDS[4]))
    await call.uow.escalations.save(play.case)
    await call.tell(*play.all_told)
    await call.tell(EscalationProgress(alliance_id=ALLIANCE, escalation=play.case, at=MONDAY, by=ME, text=WORDS[5]))
    await call.record(
        AuditFact("escalation progress", "escalation 1", actor=ME, details={"text": WORDS[5]}),
        AuditFact("moved up", "escalation 1", actor=MemberId("mc-op1"), details={"reason": f"“{WORDS[2]}”"}),
        AuditFact("raised", "escalation 2", actor=MemberId("mc-op2"), details={"facts": "A lion."}),
    )


async def _checkpoint(call: Call) -> None:
    checkpoint = Checkpoint(CheckpointId("p1"), ALLIANCE, 1, day("2026-01-20"), MONDAY, MONDAY, RoundState.CLOSED)
    await call.uow.checkpoints.save(checkpoint)
    await call.uow.checkpoints.save_answer(checkpoint.id, CheckpointAnswer(ME, DC, {"went-well": WORDS[1]}, ()))
    remarks = (Remark("went-well", DC, WORDS[1]), Remark("went-well", MC, "The lion."))
    retrospective = Retrospective(checkpoint.id, checkpoint.day, {DC: (1, 3)}, (), remarks, 1, 0, 0, 1)
    await call.uow.checkpoints.save_retrospective(retrospective)
    await call.tell(CheckpointClosed(alliance_id=ALLIANCE, retrospective=retrospective))


async def _others(call: Call) -> None:
    item = ActionItem(ActionItemId("i1"), ALLIANCE, 1, "Book a room", ME, day("2026-03-01"), "escalation 1", MONDAY)
    await call.uow.action_items.save(item)
    workspace = Workspace(WorkspaceId("ws"), Platform.SLACK, "T0DC", "DC")
    await call.uow.workspaces.save(workspace)
    for address in (ADDRESS, "U-dc-op2"):
        await call.uow.conversations.save(workspace.id, address, Conversation(f"D-{address}"))


async def _open_pulse(uow: UnitOfWork) -> None:
    pulse = make_pulse()
    await uow.pulses.add(pulse)
    for key in (ME, MemberId("dc-op2")):
        made = answer_key(await uow.pulses.secret(pulse.id), key)
        await uow.pulses.save_answer(pulse.id, made, PulseAnswer(DC, {"trust.we": 4}, "A comment."), by=key)


async def everything_stored(engine: AsyncEngine) -> Mapping[str, str]:
    """Every row of every table as text, by table."""
    async with engine.connect() as connection:
        return {
            table.name: "\n".join(repr(dict(row)) for row in (await connection.execute(select(table))).mappings())
            for table in SQLModel.metadata.sorted_tables
        }


def places_of(text: str, stored: Mapping[str, str]) -> set[str]:
    return {table for table, rows in stored.items() if text in rows}


async def test_what_is_stored_is_counted_by_kind(driver: Driver) -> None:
    shown = await driver.ask("dc-op1", ShowStored(alliance_id=ALLIANCE))

    assert isinstance(shown, StoredShown)
    assert shown.member.name == NAME
    counts = shown.counts
    assert counts[Trace.CHECKIN_ANSWERS] == counts[Trace.CHECKPOINT_ANSWERS] == counts[Trace.OPEN_PULSES] == 1
    assert counts[Trace.ESCALATIONS] == counts[Trace.ACTION_ITEMS] == counts[Trace.CONVERSATIONS] == 1
    assert counts[Trace.AUDIT_WORDS] == 1
    assert counts[Trace.STATEMENTS] >= 4
    assert counts[Trace.MESSAGES] > 1
    assert set(WORDS) - {WORDS[0], WORDS[1]} <= set(shown.words)
    assert not [words for words in shown.words if "lion" in words.lower()]


async def test_nothing_is_deleted_before_it_is_confirmed(driver: Driver, engine: AsyncEngine) -> None:
    before = await everything_stored(engine)

    reply = await driver.ask("dc-op1", ForgetMe(alliance_id=ALLIANCE))

    assert reply == ForgettingAsked(ALLIANCE, open_items=1)
    after = await everything_stored(engine)
    assert {**after, "inbox": ""} == {**before, "inbox": ""}


async def test_no_table_holds_the_name_the_address_or_the_words_afterwards(driver: Driver, engine: AsyncEngine) -> None:
    before = await everything_stored(engine)
    assert len(places_of("zebra", before)) >= 7
    assert places_of(NAME, before) == {"members"}

    reply = await driver.ask("dc-op1", ForgetMe(alliance_id=ALLIANCE, confirmed=True))

    assert isinstance(reply, Forgotten)
    after = await everything_stored(engine)
    assert places_of("zebra", after) == set()
    assert places_of(NAME, after) == set()
    assert places_of(ADDRESS + "'", after) == set()
    assert places_of(f"member:{ME}", after) == set()
    assert "forgotten:dc-op1" in after["members"]
    assert driver.scrubs == 1


async def test_totals_titles_and_everybody_elses_words_stay(driver: Driver, engine: AsyncEngine) -> None:
    await driver.ask("dc-op1", ForgetMe(alliance_id=ALLIANCE, confirmed=True))

    after = await everything_stored(engine)
    assert places_of("No lion access.", after) >= {"checkins", "checkin_answers", "notices"}
    assert places_of(TITLE, after) >= {"escalations", "notices"}
    assert "A lion." in after["audit_details"]
    async with driver.open_uow() as uow:
        (summary,) = await uow.checkins.summaries(ALLIANCE, 5)
        (retrospective,) = await uow.checkpoints.retrospectives(ALLIANCE, 5)
        (case,) = await uow.escalations.open_ones(ALLIANCE)
        assert await uow.audit.verify(ALLIANCE) is None
        assert await uow.conversations.find(WorkspaceId("ws"), "U-dc-op2") is not None
    assert [s.answered for s in summary.sides] == [1, 1]
    assert [p.text for p in summary.points] == [REMOVED, "No lion access."]
    assert [r.text for r in retrospective.remarks] == [REMOVED, "The lion."]
    assert (case.title, case.author) == (TITLE, ME)


async def test_no_message_of_theirs_is_known_any_more(driver: Driver) -> None:
    async with driver.open_uow() as uow:
        for key in (ME, MemberId("mc-op1")):
            await uow.posts.keep(Post(ALLIANCE, ToMember(key), "checkin:c1", Reference("D1", "1.2")))
        await uow.commit()

    await driver.ask("dc-op1", ForgetMe(alliance_id=ALLIANCE, confirmed=True))

    async with driver.open_uow() as uow:
        assert await uow.posts.of(ToMember(ME), "checkin:c1") is None
        assert await uow.posts.of(ToMember(MemberId("mc-op1")), "checkin:c1") is not None


async def test_an_open_pulse_loses_that_answer_alone(driver: Driver) -> None:
    await driver.ask("dc-op1", ForgetMe(alliance_id=ALLIANCE, confirmed=True))

    async with driver.open_uow() as uow:
        assert await uow.pulses.participants(PulseId("pulse-1")) == {"dc-op2"}
        assert len(await uow.pulses.answers(PulseId("pulse-1"))) == 1


async def test_the_own_alliance_managers_are_told_and_the_trail_says_it_by_id(driver: Driver) -> None:
    await driver.ask("dc-op1", ForgetMe(alliance_id=ALLIANCE, confirmed=True))

    (told,) = await driver.notices(MemberUnreachable)
    async with driver.open_uow() as uow:
        roster = await uow.rosters.get(ALLIANCE)
        entries = await uow.audit.entries(ALLIANCE)
    assert audience(told, roster) == (ToMember(MemberId("dc-am")),)
    assert (entries[-1].event, entries[-1].actor, entries[-1].details_digest) == ("member forgotten", ME, None)


async def test_the_last_alliance_manager_may_go_too_and_the_executives_hear_of_it(driver: Driver) -> None:
    await driver.ask("dc-am", ForgetMe(alliance_id=ALLIANCE, confirmed=True))

    (told,) = await driver.notices(MemberUnreachable)
    async with driver.open_uow() as uow:
        roster = await uow.rosters.get(ALLIANCE)
    assert audience(told, roster) == (ToMember(MemberId("dc-ex1")), ToMember(MemberId("dc-ex2")))


async def test_who_is_forgotten_is_a_stranger_and_a_second_press_is_harmless(
    driver: Driver, engine: AsyncEngine
) -> None:
    async with driver.open_uow() as uow:
        me = (await uow.rosters.get(ALLIANCE)).by_key("dc-op1")
    await driver.ask("dc-op1", ForgetMe(alliance_id=ALLIANCE, confirmed=True))
    once = await everything_stored(engine)

    identity = ChatIdentity(me.platform, me.workspace, me.address)

    for intent in (ForgetMe(alliance_id=ALLIANCE, confirmed=True), ShowStatus(alliance_id=ALLIANCE)):
        with pytest.raises(NotAMember):
            await driver.dispatch.ask(intent, who=identity, key=f"again {intent}", now=MONDAY + dt.timedelta(hours=1))
    assert await everything_stored(engine) == once


async def test_mentions_by_others_that_wait_to_be_sent_are_clean_too(driver: Driver) -> None:
    await driver.ask("dc-op1", ForgetMe(alliance_id=ALLIANCE, confirmed=True))

    passed = await driver.notices(PointPassedOn)
    assert [n.point.text for n in passed if isinstance(n, PointPassedOn)] == [REMOVED]
    async with driver.open_uow() as uow:
        assert [d.recipient for d in await uow.outbox.claim("teams:tenant-mc", MONDAY, 100)]


def test_every_column_that_may_hold_words_is_looked_at() -> None:
    """A new table with documents is covered as soon as it names its alliance or its member."""
    covered_otherwise = {
        "alliances",  # the two companies
        "pulse_answers",  # anonymous
        "members",  # the person's own row
        "audit",  # ids and digests alone
    }
    for table in SQLModel.metadata.sorted_tables:
        documents = [column.name for column in table.c if isinstance(column.type, JSON)]
        if documents and table.name not in covered_otherwise:
            assert "alliance_id" in table.c or "member_id" in table.c, table.name
    assert "body" in SQLModel.metadata.tables[str(NoticeRow.__tablename__)].c
