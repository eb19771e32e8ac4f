"""Nothing typed into a dialog is lost: drafts of what was closed or refused, kept for their author alone."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from alliance.ids import MemberId
from alliance.privacy import Trace
from alliance.roster import Platform, Roster
from bot.actions.tokens import token
from bot.desk import Desk
from bot.messages import plain
from bot.messages.blocks import Form, Message
from bot.slack.writing import KEPT_EVERY, Writing
from handlers.dispatch import ChatIdentity, Dispatch
from handlers.intents import ForgetMe, ShowStored
from handlers.privacy import StoredShown
from schedules.retention import DRAFTS_KEPT, housekeep
from storage.tables import DraftRow
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, MONDAY
from tests.fakes.clock import FakeClock
from tests.fakes.driving import Driver

ME = ChatIdentity(Platform.SLACK, "T0DC", "U-dc-op1")
MINE, OTHER = MemberId("dc-op1"), ChatIdentity(Platform.SLACK, "T0DC", "U-dc-op2")
ASK, RAISE = token("escalation.ask-raise", ALLIANCE), token("escalation.raise", ALLIANCE)
BEGUN = {"title": "The pilot slips again", "facts": "The second milestone moved twice.", "urgency": "urgent"}
WHOLE = {**BEGUN, "need": "One date that both companies keep."}


@pytest.fixture
def desk(open_uow: OpenUnitOfWork, roster: Roster) -> Desk:
    assert roster.alliance_id == ALLIANCE

    async def scrub() -> None:
        return

    return Desk(Dispatch(open_uow, wake=lambda _lanes: None, scrub=scrub), open_uow, now=lambda: MONDAY)


async def opened(desk: Desk, who: ChatIdentity = ME) -> str:
    """The dialog in which to raise, as that person sees it now."""
    form = (await desk.pressed(who, ASK, {}, key="open")).form
    assert isinstance(form, Form)
    return plain.render(Message(form.title, form.blocks))


async def test_what_was_typed_before_the_dialog_closed_stands_in_it_again(desk: Desk) -> None:
    fresh = await opened(desk)

    await desk.typed(ME, RAISE, BEGUN)
    mine, theirs = await opened(desk), await opened(desk, OTHER)

    assert "began this earlier" in mine
    assert BEGUN["facts"] in mine
    assert theirs == fresh


async def test_a_draft_goes_when_it_is_sent_or_emptied(desk: Desk) -> None:
    fresh = await opened(desk)

    await desk.typed(ME, RAISE, BEGUN)
    sent = await desk.pressed(ME, RAISE, WHOLE, key="send")
    after_sending = await opened(desk)
    await desk.typed(ME, RAISE, BEGUN)
    await desk.typed(ME, RAISE, {})

    assert not sent.refused
    assert after_sending == await opened(desk) == fresh


async def test_what_was_refused_is_kept_too_as_teams_tells_nothing_of_a_close(desk: Desk) -> None:
    refused = await desk.pressed(ME, RAISE, BEGUN, key="send")

    assert refused.field_errors == {"need": "Please write a few words here."}
    assert BEGUN["facts"] in await opened(desk)


async def test_a_refusal_of_the_whole_dialog_gives_the_words_back(desk: Desk) -> None:
    gone = token("escalation.statement", ALLIANCE, "e404", 0)

    refused = await desk.pressed(ME, gone, {"facts": "What we saw in May.", "other_needs": "Time."}, key="send")

    assert refused.refused
    assert refused.message is not None
    assert "What we saw in May." in plain.render(refused.message)


@pytest.mark.parametrize("form", [token("pulse.answer", ALLIANCE, "p1"), token("status.show", ALLIANCE), "", "v1.x"])
async def test_of_other_dialogs_nothing_is_kept(desk: Desk, engine: AsyncEngine, form: str) -> None:
    await desk.typed(ME, form, BEGUN)

    async with engine.connect() as connection:
        assert (await connection.execute(select(col(DraftRow.author)))).all() == []


async def test_a_draft_is_sealed_told_to_its_author_and_deleted_with_them(
    desk: Desk, engine: AsyncEngine, open_uow: OpenUnitOfWork
) -> None:
    await desk.typed(ME, RAISE, BEGUN)
    driver = Driver(engine, open_uow, MONDAY)

    async with engine.connect() as connection:
        (sealed,) = (await connection.execute(select(col(DraftRow.sealed)))).scalars()
    shown = await driver.ask(MINE, ShowStored(alliance_id=ALLIANCE))
    await driver.ask(MINE, ForgetMe(alliance_id=ALLIANCE, confirmed=True))

    assert "pilot" not in sealed
    assert isinstance(shown, StoredShown)
    assert shown.counts[Trace.DRAFTS] == 1
    assert BEGUN["facts"] in shown.words
    async with engine.connect() as connection:
        assert (await connection.execute(select(col(DraftRow.author)))).all() == []


async def test_a_draft_that_nobody_comes_back_to_goes(desk: Desk, open_uow: OpenUnitOfWork) -> None:
    async def scrub(*, deleted: bool = True) -> None:
        del deleted

    await desk.typed(ME, RAISE, BEGUN)

    await housekeep(open_uow, MONDAY + DRAFTS_KEPT, scrub)
    kept = await opened(desk)
    await housekeep(open_uow, MONDAY + DRAFTS_KEPT + dt.timedelta(seconds=1), scrub)

    assert BEGUN["facts"] in kept
    assert BEGUN["facts"] not in await opened(desk)


# --- what Slack tells ------------------------------------------------------------------------------------


@dataclass
class Kept:
    """What was kept, in order."""

    texts: list[str] = field(default_factory=list)

    async def keep(self, who: ChatIdentity, token: str, inputs: Mapping[str, str]) -> None:
        assert (who, token) == (ME, RAISE)
        self.texts.append(inputs.get("title", ""))


async def test_fast_typing_is_kept_now_and_then_and_when_the_dialog_closes() -> None:
    kept, clock = Kept(), FakeClock(MONDAY)
    writing = Writing(kept.keep, clock)

    for text in ("T", "Th", "The"):
        await writing.heard("V1", ME, RAISE, {"title": text})
    clock.instant += dt.timedelta(seconds=KEPT_EVERY)
    await writing.heard("V1", ME, RAISE, {"title": "The p"})
    await writing.heard("V1", ME, RAISE, {"title": "The pilot"})
    await writing.closed("V1")
    await writing.closed("V1")

    assert kept.texts == ["T", "The p", "The pilot"]


async def test_a_straggler_after_sending_brings_no_draft_back() -> None:
    kept = Kept()
    writing = Writing(kept.keep, FakeClock(MONDAY))

    await writing.heard("V1", ME, RAISE, {"title": "The"})
    writing.sent("V1")
    await writing.heard("V1", ME, RAISE, {"title": "The p"})
    await writing.closed("V1")

    assert kept.texts == ["The"]
