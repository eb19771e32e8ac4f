"""What every engine must do alike: locks, claims, instants, roll-back, the chain, the seal."""

import asyncio
import datetime as dt

import pytest
from sqlmodel import SQLModel

from alliance.audience import Recipient, ToMember
from alliance.audit import AuditFact
from alliance.ids import MemberId, NoticeId, WorkspaceId
from alliance.notices import CharterLapsed
from alliance.roster import Platform
from handlers.time_intents import LapseCharter
from storage.opening import Database, DatabaseTrouble, opened
from storage.outbox import DeliveryState, Reference
from storage.schema import current_revision, newest_revision
from storage.workspaces import Workspace
from tests.fakes.builders import ALLIANCE, DC, MONDAY, make_charter_version, make_roster

LANE = "slack:T0DC"
HOUR = dt.timedelta(hours=1)


async def put_notice(database: Database, name: str, *people: str, urgent: bool = False) -> None:
    notice = CharterLapsed(alliance_id=ALLIANCE, version=1, missing=(DC,))
    async with database.open_uow() as uow:
        recipients: dict[Recipient, str] = {ToMember(MemberId(person)): LANE for person in people}
        await uow.outbox.append(NoticeId(name), notice, recipients=recipients, urgent=urgent, now=MONDAY)
        await uow.commit()


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The tables by which replicas share the work are Procrastinate's own."""
    return kind != "table" or not str(name).startswith("procrastinate_")


async def test_the_schema_is_what_the_migrations_make(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    async with database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"include_name": is_ours}), SQLModel.metadata
            )
        )

    assert differences == []
    assert await current_revision(database.engine) == newest_revision()


async def test_an_empty_database_is_refused_with_what_to_do(database_url: str) -> None:
    with pytest.raises(DatabaseTrouble, match="liaison db upgrade"):
        async with opened(database_url, "a secret key for tests", migrate=False):
            pass


async def test_what_was_not_committed_is_rolled_back(database: Database) -> None:
    async with database.open_uow() as uow:
        await uow.rosters.save(make_roster())

    async with database.open_uow() as uow:
        assert await uow.rosters.by_key("key-al1") is None


async def test_a_roster_and_its_charter_come_back_as_they_were(database: Database) -> None:
    roster, version = make_roster(), make_charter_version()
    async with database.open_uow() as uow:
        await uow.rosters.save(roster)
        await uow.charters.save(version)
        await uow.commit()

    async with database.open_uow() as uow:
        assert await uow.rosters.get(ALLIANCE) == roster
        assert await uow.charters.in_force(ALLIANCE) == version


async def test_instants_come_back_in_utc_whatever_zone_they_had(database: Database) -> None:
    due = dt.datetime(2026, 3, 29, 3, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    async with database.open_uow() as uow:
        await uow.timers.set("t", ALLIANCE, LapseCharter(alliance_id=ALLIANCE, version=1), due)
        await uow.commit()

    async with database.open_uow() as uow:
        found = await uow.timers.next_due()

    assert found == due
    assert found is not None
    assert found.utcoffset() == dt.timedelta(0)


async def test_a_due_timer_is_taken_once_and_earliest_first(database: Database) -> None:
    async with database.open_uow() as uow:
        for version, due in ((1, MONDAY), (2, MONDAY - HOUR), (3, MONDAY + HOUR)):
            intent = LapseCharter(alliance_id=ALLIANCE, version=version)
            await uow.timers.set(f"t{version}", ALLIANCE, intent, due)
        await uow.commit()

    taken = []
    for _ in range(3):
        async with database.open_uow() as uow:
            timer = await uow.timers.take_due(MONDAY)
            await uow.commit()
        taken.append(timer and timer.body["version"])

    assert taken == [2, 1, None]


async def test_a_timer_taken_by_a_process_that_dies_is_due_again(database: Database) -> None:
    async with database.open_uow() as uow:
        await uow.timers.set("t", ALLIANCE, LapseCharter(alliance_id=ALLIANCE, version=1), MONDAY)
        await uow.commit()

    async with database.open_uow() as uow:
        assert await uow.timers.take_due(MONDAY) is not None

    async with database.open_uow() as uow:
        assert await uow.timers.take_due(MONDAY) is not None


async def test_two_sweeps_at_once_never_take_the_same_timer(database: Database) -> None:
    async with database.open_uow() as uow:
        for number in range(12):
            intent = LapseCharter(alliance_id=ALLIANCE, version=number)
            await uow.timers.set(f"t{number}", ALLIANCE, intent, MONDAY)
        await uow.commit()
    taken: list[str] = []

    async def sweep() -> None:
        while True:
            async with database.open_uow() as uow:
                timer = await uow.timers.take_due(MONDAY)
                await uow.commit()
            if timer is None:
                return
            taken.append(timer.key)

    await asyncio.gather(sweep(), sweep(), sweep())

    assert sorted(taken) == sorted(f"t{number}" for number in range(12))


async def test_a_failing_timer_backs_off_and_is_set_aside_at_last(database: Database) -> None:
    async with database.open_uow() as uow:
        await uow.timers.set("t", ALLIANCE, LapseCharter(alliance_id=ALLIANCE, version=1), MONDAY)
        await uow.commit()
    now, waits, set_aside = MONDAY, [], False
    for _ in range(8):
        async with database.open_uow() as uow:
            timer = await uow.timers.take_due(now)
        assert timer is not None
        async with database.open_uow() as uow:
            set_aside = await uow.timers.failed(timer, now, "broken")
            due = await uow.timers.next_due()
            await uow.commit()
        if due is not None:
            waits.append((due - now).total_seconds())
            now = due

    assert waits == [10, 20, 40, 80, 160, 320, 640]
    assert set_aside
    async with database.open_uow() as uow:
        assert [timer.error for timer in await uow.timers.set_aside()] == ["broken"]
        assert await uow.timers.take_due(now + 100 * HOUR) is None


async def test_cancelling_takes_back_a_whole_family_of_timers_and_no_other(database: Database) -> None:
    async with database.open_uow() as uow:
        for key in ("e:1", "e:1:half", "e:1:end", "e:10", "E:1:half", "f_1:x", "fx1:x"):
            await uow.timers.set(key, ALLIANCE, LapseCharter(alliance_id=ALLIANCE, version=1), MONDAY)
        await uow.timers.cancel(ALLIANCE, "e:1")
        await uow.timers.cancel(ALLIANCE, "f_1")
        await uow.commit()

    async with database.open_uow() as uow:
        assert sorted(timer.key for timer in await uow.timers.of(ALLIANCE)) == ["E:1:half", "e:10", "fx1:x"]


async def test_a_request_is_first_once(database: Database) -> None:
    async with database.open_uow() as uow:
        first = await uow.inbox.is_first("press", MONDAY)
        await uow.commit()
    async with database.open_uow() as uow:
        second = await uow.inbox.is_first("press", MONDAY)
        other = await uow.inbox.is_first("another press", MONDAY)
        await uow.commit()

    assert (first, second, other) == (True, False, True)


async def test_a_request_that_was_refused_may_come_again(database: Database) -> None:
    async with database.open_uow() as uow:
        assert await uow.inbox.is_first("press", MONDAY)

    async with database.open_uow() as uow:
        assert await uow.inbox.is_first("press", MONDAY)


async def test_two_deliveries_of_one_request_at_once_have_one_effect(database: Database) -> None:
    async def take() -> bool:
        async with database.open_uow() as uow:
            first = await uow.inbox.is_first("press", MONDAY)
            await asyncio.sleep(0)
            await uow.commit()
        return first

    assert sorted(await asyncio.gather(take(), take(), take())) == [False, False, True]


async def test_a_lane_sends_urgent_notices_first_and_then_in_order(database: Database) -> None:
    await put_notice(database, "n1", "dc-op1", "dc-op2")
    await put_notice(database, "n2", "dc-op3", urgent=True)

    async with database.open_uow() as uow:
        claimed = await uow.outbox.claim(LANE, MONDAY, limit=10)
        await uow.commit()

    assert [recipient.recipient for recipient in claimed] == [
        ToMember(MemberId("dc-op3")),
        ToMember(MemberId("dc-op1")),
        ToMember(MemberId("dc-op2")),
    ]


async def test_a_claimed_delivery_is_not_claimed_again_but_found_in_doubt(database: Database) -> None:
    await put_notice(database, "n1", "dc-op1")
    async with database.open_uow() as uow:
        await uow.outbox.claim(LANE, MONDAY, limit=10)
        await uow.commit()

    async with database.open_uow() as uow:
        again = await uow.outbox.claim(LANE, MONDAY, limit=10)
        doubtful = await uow.outbox.in_doubt(LANE)

    assert again == []
    assert [delivery.in_doubt for delivery in doubtful] == [True]


async def test_what_became_of_a_delivery_is_kept(database: Database) -> None:
    await put_notice(database, "n1", "dc-op1", "dc-op2", "dc-op3")
    async with database.open_uow() as uow:
        first, second, third = await uow.outbox.claim(LANE, MONDAY, limit=10)
        await uow.outbox.sent(first, Reference("D1", "1.2"), MONDAY)
        await uow.outbox.dead(second, "gone", MONDAY)
        await uow.outbox.later(third, MONDAY + HOUR, "busy", counts=True)
        await uow.commit()

    async with database.open_uow() as uow:
        counts = await uow.outbox.counts()
        assert [dead.error for dead in await uow.outbox.given_up()] == ["gone"]
        assert await uow.outbox.claim(LANE, MONDAY, limit=10) == []
        assert await uow.outbox.next_at(LANE) == MONDAY + HOUR
        assert await uow.outbox.next_at() == MONDAY + HOUR
        assert [d.attempts for d in await uow.outbox.claim(LANE, MONDAY + HOUR, limit=10)] == [1]
    assert counts == {
        (LANE, DeliveryState.SENT): 1,
        (LANE, DeliveryState.DEAD): 1,
        (LANE, DeliveryState.PENDING): 1,
    }


async def test_old_notices_go_when_all_is_delivered_and_stay_while_something_waits(
    database: Database,
) -> None:
    await put_notice(database, "n1", "dc-op1")
    await put_notice(database, "n2", "dc-op1")
    async with database.open_uow() as uow:
        first, _ = await uow.outbox.claim(LANE, MONDAY, limit=10)
        await uow.outbox.sent(first, None, MONDAY)
        await uow.outbox.forget(MONDAY + HOUR)
        await uow.commit()

    async with database.open_uow() as uow:
        counts = await uow.outbox.counts()

    assert counts == {(LANE, DeliveryState.SENDING): 1}


async def test_the_chain_holds_and_a_changed_entry_is_found(database: Database) -> None:
    async with database.open_uow() as uow:
        await uow.rosters.save(make_roster())
        facts = [AuditFact(event=f"event {n}", subject="s", details={"words": f"w{n}"}) for n in range(3)]
        await uow.audit.append(ALLIANCE, MONDAY, *facts)
        await uow.audit.append(ALLIANCE, MONDAY + HOUR, AuditFact(event="later", subject="s"))
        await uow.commit()
    async with database.open_uow() as uow:
        assert await uow.audit.verify(ALLIANCE) is None

    from storage.tables import AuditRow

    async with database.open_uow() as uow:
        row = await uow.audit._session.get_one(AuditRow, (ALLIANCE, 2))
        row.document = {**row.document, "event": "something else"}
        await uow.commit()

    async with database.open_uow() as uow:
        broken = await uow.audit.verify(ALLIANCE)
    assert broken is not None
    assert broken.seq == 2


async def test_deleting_a_persons_words_leaves_the_chain_whole(database: Database) -> None:
    person = MemberId("dc-op1")
    async with database.open_uow() as uow:
        await uow.rosters.save(make_roster())
        fact = AuditFact(event="raised", subject="escalation 1", actor=person, details={"facts": "my words"})
        await uow.audit.append(ALLIANCE, MONDAY, fact)
        await uow.audit.forget_details(person)
        await uow.commit()

    async with database.open_uow() as uow:
        assert await uow.audit.verify(ALLIANCE) is None
        assert await uow.audit.details(ALLIANCE) == {}


async def test_two_writers_of_one_chain_wait_for_each_other(database: Database) -> None:
    async with database.open_uow() as uow:
        await uow.rosters.save(make_roster())
        await uow.commit()

    async def write(number: int) -> None:
        async with database.open_uow() as uow:
            await uow.audit.append(ALLIANCE, MONDAY, AuditFact(event=f"event {number}", subject="s"))
            await uow.commit()

    await asyncio.gather(*(write(number) for number in range(8)))

    async with database.open_uow() as uow:
        assert await uow.audit.verify(ALLIANCE) is None
        assert len(await uow.audit.entries(ALLIANCE)) == 8


async def test_tokens_are_sealed_at_rest_and_survive_a_change_of_key(database_url: str) -> None:
    workspace = Workspace(WorkspaceId("w1"), Platform.SLACK, "T0DC", "DC", tokens={"bot": "xoxb-very-secret"})
    async with opened(database_url, "the first key of all", migrate=True) as database:
        async with database.open_uow() as uow:
            await uow.workspaces.save(workspace)
            await uow.commit()
        async with database.engine.connect() as connection:
            row = (await connection.exec_driver_sql("SELECT * FROM workspaces")).one()
    async with opened(database_url, "a second key in use, the first key of all") as both, both.open_uow() as uow:
        await uow.workspaces.reseal()
        await uow.commit()
    async with opened(database_url, "a second key in use") as second, second.open_uow() as uow:
        found = await uow.workspaces.find(Platform.SLACK, "T0DC")

    assert "xoxb-very-secret" not in str(row)
    assert found == workspace
