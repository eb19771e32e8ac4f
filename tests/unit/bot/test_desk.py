"""The front desk: whatever people press or say becomes one intent and one answer; it never raises."""

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.charter import CharterState
from alliance.roster import Platform, Roster
from bot.actions.tokens import token
from bot.desk import Answer, Desk
from bot.messages import plain
from handlers.dispatch import ChatIdentity, Dispatch
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, MONDAY, make_charter_version, make_roster

EXECUTIVE = ChatIdentity(Platform.SLACK, "T0DC", "U-dc-ex1")
OPERATIONAL = ChatIdentity(Platform.TEAMS, "tenant-mc", "aad-mc-op1")
STRANGER = ChatIdentity(Platform.SLACK, "T0DC", "U-nobody")
SIGN = token("charter.sign", ALLIANCE, 2)
OTHER = replace(make_roster(), alliance_id="al2", key="north")  # type: ignore[arg-type]


class Office:
    """A desk on a real database; `woken` are the lanes that dispatch woke."""

    def __init__(self, open_uow: OpenUnitOfWork) -> None:
        self.open_uow = open_uow
        self.woken: set[str] = set()
        self.desk = Desk(Dispatch(open_uow, wake=self.woken.update, scrub=self._scrub), open_uow, now=lambda: MONDAY)

    async def _scrub(self) -> None:
        return

    async def signatures(self) -> int:
        async with self.open_uow() as uow:
            return len((await uow.charters.get(ALLIANCE, 2)).signatures)


@pytest.fixture
async def office(open_uow: OpenUnitOfWork, roster: Roster) -> Office:
    assert roster.alliance_id == ALLIANCE
    async with open_uow() as uow:
        await uow.charters.save(make_charter_version(state=CharterState.PROPOSED, version=2))
        await uow.commit()
    return Office(open_uow)


def sentence(answer: Answer) -> str:
    assert answer.message is not None
    return plain.render(answer.message)


async def test_a_press_is_done_and_answered(office: Office) -> None:
    answer = await office.desk.pressed(EXECUTIVE, SIGN, {}, key="p1")

    assert not answer.refused
    assert await office.signatures() == 1
    assert office.woken == {"slack:T0DC", "teams:tenant-mc"}


async def test_the_same_press_twice_has_one_effect(office: Office) -> None:
    await office.desk.pressed(EXECUTIVE, SIGN, {}, key="p1")
    again = await office.desk.pressed(EXECUTIVE, SIGN, {}, key="p1")

    assert not again.refused
    assert "already done" in sentence(again)
    assert await office.signatures() == 1


@pytest.mark.parametrize("who", [OPERATIONAL, STRANGER, replace(EXECUTIVE, workspace="T9OTHER")])
async def test_who_may_not_is_refused_with_the_reason_and_nothing_changes(office: Office, who: ChatIdentity) -> None:
    answer = await office.desk.pressed(who, SIGN, {}, key="p1")

    assert answer.refused
    assert sentence(answer)
    assert await office.signatures() == 0
    assert office.woken == set()


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "v1",
        "v1.charter.sign",
        "v9.charter.sign.al1.2",
        "v1.charter.forge.al1.2",
        "v1.charter.sign.al1.x",
        "\0" * 300,
    ],
)
async def test_a_token_that_no_button_of_ours_has_is_refused(office: Office, forged: str) -> None:
    answer = await office.desk.pressed(EXECUTIVE, forged, {}, key="p1")

    assert answer.refused
    assert await office.signatures() == 0


async def test_a_refused_press_may_come_again(office: Office) -> None:
    await office.desk.pressed(OPERATIONAL, SIGN, {}, key="p1")

    answer = await office.desk.pressed(EXECUTIVE, SIGN, {}, key="p1")

    assert not answer.refused
    assert await office.signatures() == 1


async def test_wrong_inputs_are_told_beside_their_fields(office: Office) -> None:
    inputs = {"what": "No test machine.", "urgency": "at once"}

    answer = await office.desk.pressed(OPERATIONAL, token("escalation.raise", ALLIANCE), inputs, key="p1")

    assert answer.refused
    assert answer.field_errors == {"urgency": "Choose routine or urgent."}
    assert sentence(answer)


async def test_words_are_understood_on_either_platform(office: Office) -> None:
    for who in (EXECUTIVE, OPERATIONAL):
        answer = await office.desk.said(who, " STATUS ", key=f"s {who.address}")

        assert not answer.refused
        assert answer.message is not None


async def test_a_stranger_is_told_what_this_is(office: Office) -> None:
    answer = await office.desk.said(STRANGER, "status", key="s1")

    assert answer.refused
    assert sentence(answer)


async def test_somebody_in_two_alliances_names_the_one_they_mean(office: Office) -> None:
    people = [replace(member, id=f"al2-{member.id}", alliance_id="al2") for member in OTHER.members]  # type: ignore[arg-type]
    async with office.open_uow() as uow:
        await uow.rosters.save(replace(OTHER, name="North and South", members=tuple(people)))
        await uow.commit()

    unclear = await office.desk.said(EXECUTIVE, "status", key="s1")
    meant = await office.desk.said(EXECUTIVE, "in north status", key="s2")
    wrong = await office.desk.said(EXECUTIVE, "in south status", key="s3")

    assert unclear.refused
    assert "north" in sentence(unclear)
    assert f"key-{ALLIANCE}" in sentence(unclear)
    assert not meant.refused
    assert wrong.refused
    assert "not in an alliance called" in sentence(wrong)


async def test_a_bug_is_answered_politely_with_a_reference(
    office: Office, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE audit")

    answer = await office.desk.pressed(EXECUTIVE, SIGN, {}, key="p1")

    (record,) = [record for record in caplog.records if record.name == "bot.desk"]
    reference = record.__dict__["reference"]
    assert answer.refused
    assert sentence(answer).count(reference) >= 1
    assert record.exc_info is not None
    assert await office.signatures() == 0
