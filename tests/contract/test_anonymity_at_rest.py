"""Attacks on stored pulses by somebody who reads the database: rows, joins, hidden columns, and the bytes of its files.

Everybody answers with ratings that nobody else gives, so that an answer found again is an answer recognised.
"""

import hashlib
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from alliance.audience import ToMember
from alliance.ids import MemberId, WorkspaceId
from alliance.notices import PulseComments, PulseReminder
from alliance.pulse import Pulse, answer_key
from alliance.roster import Platform
from bot.actions.tokens import token
from bot.slack.decode import Asker, press_key
from handlers.call import Call
from handlers.dispatch import ChatIdentity, Dispatch
from handlers.intents import AnswerPulse
from handlers.pulses import schedule_first
from storage.chores import SCRUB
from storage.engine import is_sqlite
from storage.opening import Database
from storage.outbox import recipient_key
from storage.workspaces import Workspace
from tests.fakes.builders import ALLIANCE, MONDAY, SHAPE, make_charter_version, make_roster
from tests.fakes.calendars import utc
from tests.fakes.driving import Driver

OPEN, REMINDED, CLOSED = utc("2026-02-04T16:30"), utc("2026-02-09T15:59"), utc("2026-02-09T16:00")
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
ANSWERING = tuple(f"{side}-{key}" for key, *_ in SHAPE[:11] for side in ("mc", "dc"))
"""Who answers, in this order; dc-ex2 and mc-ex2 do not, and are reminded."""
PULSE_TABLES = ("pulse_answers", "pulse_comments", "pulse_participations")

Rows = list[dict[str, object]]


@dataclass
class Round:
    """A pulse that is being answered, and all that its secret would tell."""

    database: Database
    driver: Driver
    pulse: Pulse
    secret: bytes
    sealed: str

    def key(self, member: str) -> str:
        return answer_key(self.secret, MemberId(member))

    def ratings(self, member: str) -> dict[str, int]:
        """Ratings that only this member of their side gives."""
        number = ANSWERING.index(member) // 2
        values = (number // 5 + 1, number % 5 + 1, number % 4 + 1, (number * 2) % 5 + 1)
        return dict(zip(self.pulse.items, values, strict=True))

    async def rows(self, table: str, columns: str = "*") -> Rows:
        async with self.database.engine.connect() as connection:
            found = await connection.execute(text(f"SELECT {columns} FROM {table}"))
            return [dict(row) for row in found.mappings()]

    async def close(self) -> None:
        await self.driver.run_until(CLOSED)


@pytest.fixture
async def the_round(database: Database) -> Round:
    """A round that eleven of twelve a side have answered, each with a comment; the others were reminded."""
    roster, version = make_roster(), make_charter_version()
    async with database.open_uow() as uow:
        await uow.rosters.save(roster)
        await uow.charters.save(version)
        await schedule_first(Call(uow=uow, roster=roster, member=None, now=MONDAY), version)
        await uow.commit()
    driver = Driver(database.engine, database.open_uow, MONDAY)
    driver.dispatch = Dispatch(database.open_uow, wake=driver.woken.update, scrub=database.scrub)
    await driver.run_until(OPEN)
    async with database.open_uow() as uow:
        pulse = await uow.pulses.newest(ALLIANCE)
        assert pulse is not None
        secret = await uow.pulses.secret(pulse.id)
    made = Round(database, driver, pulse, secret, sealed="")
    made.sealed = str((await made.rows("pulses"))[0]["secret"])
    for number, member in enumerate(ANSWERING):
        person = roster.by_key(member)
        who = ChatIdentity(Platform(person.platform), person.workspace, person.address)
        intent = AnswerPulse(
            alliance_id=ALLIANCE,
            pulse_id=pulse.id,
            ratings=made.ratings(member),
            comment=comment_of(member),
        )
        await driver.dispatch.ask(intent, who=who, key=f"press {number}", now=OPEN)
    await driver.run_until(REMINDED)
    return made


def comment_of(member: str) -> str:
    return f"What {member[::-1].upper()} thinks of it"


def file_of(the_round: Round) -> Path:
    return Path(str(the_round.database.engine.url.database))


def copied(database: Path) -> bytes:
    """A byte copy of all that SQLite keeps: the file, its write-ahead log, and the index of that."""
    files = [database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))]
    return b"".join(file.read_bytes() for file in files if file.exists())


def places(found: bytes, *needles: str) -> list[int]:
    return [found.rindex(needle.encode()) for needle in needles]


# --- while the round is open ------------------------------------------------------------------------


async def test_the_rows_of_an_open_round_name_nobody(the_round: Round) -> None:
    answers, inbox = await the_round.rows("pulse_answers"), await the_round.rows("inbox")

    assert {tuple(row) for row in answers} == {("pulse_id", "key", "side", "ratings", "comment")}
    assert {row["key"] for row in answers} == {the_round.key(member) for member in ANSWERING}
    for row in answers:
        assert not [m for m in ANSWERING if m in f"{row['pulse_id']} {row['key']} {row['ratings']}"]
    assert inbox == []
    assert the_round.secret.hex() not in str(await the_round.rows("pulses"))


async def test_an_answer_leaves_no_row_but_its_own_and_a_participation(the_round: Round) -> None:
    before = {table: len(await the_round.rows(table)) for table in SQLModel.metadata.tables}
    member = make_roster().by_key("dc-ex2")
    who = ChatIdentity(Platform(member.platform), member.workspace, member.address)
    intent = AnswerPulse(alliance_id=ALLIANCE, pulse_id=the_round.pulse.id, ratings=the_round.ratings("dc-op1"))

    await the_round.driver.dispatch.ask(intent, who=who, key="one more", now=the_round.driver.now)

    after = {table: len(await the_round.rows(table)) for table in SQLModel.metadata.tables}
    assert {t: after[t] - before[t] for t in after if after[t] != before[t]} == {
        "pulse_answers": 1,
        "pulse_participations": 1,
    }


async def test_no_digest_of_a_press_tells_what_was_answered_to_one_who_tries_all_answers(the_round: Round) -> None:
    """Who a person is, where the button stands and what it says are known: only the ratings have to be guessed."""
    workspace = Workspace(WorkspaceId("w"), Platform.SLACK, "T0DC", "DC")
    member = make_roster().by_key("dc-ex2")
    asker = Asker(workspace, member.address)
    pressed = token("pulse.answer", ALLIANCE, the_round.pulse.id)
    ratings = dict.fromkeys(the_round.pulse.items, 3)
    intent = AnswerPulse(alliance_id=ALLIANCE, pulse_id=the_round.pulse.id, ratings=ratings)

    def key_of(guess: Mapping[str, int]) -> str:
        return press_key(asker, "D0.1.1", pressed, {item: str(rating) for item, rating in guess.items()})

    await the_round.driver.dispatch.ask(intent, who=asker.who, key=key_of(ratings), now=the_round.driver.now)
    await the_round.close()

    items = the_round.pulse.items
    guesses = (dict(zip(items, guess, strict=True)) for guess in itertools.product(range(1, 6), repeat=len(items)))
    digests = {hashlib.sha256(key_of(guess).encode()).hexdigest() for guess in guesses}
    assert not digests & {str(row["key"]) for row in await the_round.rows("inbox")}


@ON_POSTGRESQL
async def test_no_row_tells_by_its_transaction_which_press_wrote_it(the_round: Round) -> None:
    """PostgreSQL's xmin would join each answer with its participation and with the time in the inbox."""
    for table in ("pulse_answers", "pulse_participations"):
        rows = await the_round.rows(table, "xmin::text AS xmin")
        assert len(rows) == len(ANSWERING)
        assert len({row["xmin"] for row in rows}) == 1


@ON_POSTGRESQL
async def test_the_place_of_a_row_on_postgresql_follows_its_key_and_not_its_arrival(the_round: Round) -> None:
    answers = await the_round.rows("pulse_answers ORDER BY ctid", "key")
    people = await the_round.rows("pulse_participations ORDER BY ctid", "member_id")

    keys = [str(row["key"]) for row in answers]
    assert keys == sorted(keys)
    assert [row["member_id"] for row in people] == sorted(ANSWERING)


@ON_SQLITE
async def test_sqlite_keeps_no_row_numbers(the_round: Round) -> None:
    for table in PULSE_TABLES:
        with pytest.raises(Exception, match="no such column: rowid"):
            await the_round.rows(table, "rowid")


@ON_SQLITE
async def test_the_place_of_a_row_in_sqlites_file_follows_its_key_and_not_its_arrival(
    the_round: Round,
) -> None:
    path = file_of(the_round)
    async with the_round.database.open_uow() as uow:
        await uow.chores.owe(SCRUB)
        await uow.commit()
    assert await the_round.database.scrub()
    found = path.read_bytes()
    keys = sorted(the_round.key(member) for member in ANSWERING)
    prefix = the_round.pulse.id

    by_key = places(found, *(prefix + key for key in keys[:8]))
    by_name = places(found, *(prefix + member for member in sorted(ANSWERING)))

    # Cells are laid down from the end of a page, so those written first stand last.
    assert by_key == sorted(by_key, reverse=True)
    assert by_name == sorted(by_name, reverse=True)


# --- after the close --------------------------------------------------------------------------------


async def test_after_the_close_nothing_holds_a_key_a_secret_or_a_participation(the_round: Round) -> None:
    await the_round.close()

    keys = {row["key"] for row in await the_round.rows("pulse_answers")}
    assert len(keys) == len(ANSWERING)
    assert not keys & {the_round.key(member) for member in ANSWERING}
    assert await the_round.rows("pulse_participations") == []
    assert [row["secret"] for row in await the_round.rows("pulses")] == [None]


async def test_after_the_close_comments_are_apart_from_the_ratings_they_came_with(the_round: Round) -> None:
    await the_round.close()

    answers, comments = await the_round.rows("pulse_answers"), await the_round.rows("pulse_comments")

    assert {row["comment"] for row in answers} == {None}
    assert {row["comment"] for row in comments} == {comment_of(member) for member in ANSWERING}
    assert not {row["key"] for row in answers} & {row["key"] for row in comments}


async def test_after_the_close_no_order_of_the_rows_is_the_order_they_came_in(the_round: Round) -> None:
    """By chance, either order of eleven comes out once in forty million runs."""
    await the_round.close()

    orders = ["", "ORDER BY key", *([] if is_sqlite(the_round.database.engine) else ["ORDER BY ctid"])]
    for order in orders:
        comments = await the_round.rows(f"pulse_comments {order}", "comment, side")
        answers = await the_round.rows(f"pulse_answers {order}", "ratings, side")
        for side in ("dc", "mc"):
            came = [member for member in ANSWERING if member.startswith(side)]
            said = [row["comment"] for row in comments if row["side"] == side]
            rated = [_ratings(row["ratings"]) for row in answers if row["side"] == side]
            for people in (came, sorted(came)):
                assert said != [comment_of(member) for member in people]
                assert rated != [the_round.ratings(member) for member in people]
            assert len(rated) == len({str(ratings) for ratings in rated}) == len(came)


def _ratings(stored: object) -> dict[str, int]:
    """SQLite gives JSON as text, PostgreSQL as what it says."""
    made: dict[str, int] = json.loads(stored) if isinstance(stored, str) else dict(cast(Any, stored))
    return made


@ON_POSTGRESQL
async def test_comments_do_not_lie_in_the_order_of_the_ratings_they_came_with(the_round: Round) -> None:
    await the_round.close()

    comments = await the_round.rows("pulse_comments ORDER BY ctid", "comment")
    answers = await the_round.rows("pulse_answers ORDER BY ctid", "ratings, side")

    said = {comment_of(member): member for member in ANSWERING}
    rated = {(member[:2], str(the_round.ratings(member))): member for member in ANSWERING}
    assert [said[str(row["comment"])] for row in comments] != [
        rated[str(row["side"]), str(_ratings(row["ratings"]))] for row in answers
    ]


async def test_after_the_close_nothing_joins_with_an_answer(the_round: Round) -> None:
    """No value of any other table is the key of an answer or of a comment, and no hidden column sets one apart."""
    await the_round.close()
    everything = {
        table: str(await the_round.rows(table)) for table in SQLModel.metadata.tables if table not in PULSE_TABLES
    }

    for table in ("pulse_answers", "pulse_comments"):
        for row in await the_round.rows(table):
            assert not [name for name, held in everything.items() if str(row["key"]) in held]
        if not is_sqlite(the_round.database.engine):
            assert len({row["xmin"] for row in await the_round.rows(table, "xmin::text AS xmin")}) == 1


async def test_after_the_close_the_outbox_does_not_tell_who_had_to_be_reminded(the_round: Round) -> None:
    reminded = [row for row in await the_round.rows("deliveries") if row["kind"] == PulseReminder.__name__]
    assert {row["recipient"] for row in reminded} == {
        recipient_key(ToMember(MemberId(member))) for member in ("dc-ex2", "mc-ex2")
    }

    await the_round.close()

    assert not [row for row in await the_round.rows("deliveries") if row["kind"] == PulseReminder.__name__]
    notices = [n for n in await the_round.driver.notices(PulseReminder) if isinstance(n, PulseReminder)]
    assert notices
    assert {notice.members for notice in notices} == {()}


async def test_what_is_left_of_comments_is_their_table_and_what_the_own_leads_were_told(
    the_round: Round,
) -> None:
    await the_round.close()

    tables = {table: str(await the_round.rows(table)) for table in SQLModel.metadata.tables}

    assert {table for table, held in tables.items() if "thinks of it" in held} == {
        "pulse_comments",
        "notices",
    }
    for notice in await the_round.driver.notices():
        if not isinstance(notice, PulseComments):
            assert "thinks of it" not in str(notice)


# --- the bytes of the files -------------------------------------------------------------------------


@ON_SQLITE
async def test_a_copy_of_sqlites_files_after_the_close_holds_nothing_of_before(the_round: Round) -> None:
    path = file_of(the_round)
    pulse_id = the_round.pulse.id
    gone = {
        "keys": [the_round.key(member) for member in ANSWERING],
        "the sealed secret": [the_round.sealed],
        "participations": [pulse_id + member for member in ANSWERING],
        "reminders": [f"{PulseReminder.__name__}member:{member}" for member in ("dc-ex2", "mc-ex2")],
    }
    never = [the_round.secret.hex(), the_round.secret.hex().upper()]
    before = copied(path)

    await the_round.close()
    found = copied(path)

    for what, needles in gone.items():
        assert all(needle.encode() in before for needle in needles), f"{what} were never there to be found"
        assert not [needle for needle in needles if needle.encode() in found], f"{what} are still there"
    assert not [needle for needle in never if needle.encode() in before + found]
    assert the_round.secret not in before + found


@ON_SQLITE
async def test_a_copy_of_sqlites_files_binds_no_comment_to_ratings(the_round: Round) -> None:
    """A comment stands after its row's ratings while the round is open; no such pair of bytes is left."""
    path = file_of(the_round)
    bound = re.compile(rb"trust\.[^{}]*\}What \S+ thinks of it")
    assert bound.search(copied(path))

    await the_round.close()
    found = copied(path)

    assert not bound.search(found)
    for member in ANSWERING:
        comments = len(re.findall(comment_of(member).encode(), found))
        assert comments == 2, "in pulse_comments and in what the own leads were told"


@ON_POSTGRESQL
async def test_postgresqls_table_files_after_the_close_hold_nothing_of_before(the_round: Round) -> None:
    keys = [the_round.key(member) for member in ANSWERING]
    before = await table_files(the_round)

    await the_round.close()
    found = await table_files(the_round)

    for needle in (*keys, the_round.sealed):
        assert needle.encode() in before
        assert needle.encode() not in found


async def table_files(the_round: Round) -> bytes:
    """What the server's files hold of the pulse tables, dead rows and free space included."""
    engine = the_round.database.engine
    async with engine.connect() as opened:
        connection = await opened.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("CHECKPOINT"))
        found = b""
        for table in (*PULSE_TABLES, "pulses"):
            query = text(f"SELECT pg_read_binary_file(pg_relation_filepath('{table}'))")
            found += bytes((await connection.execute(query)).scalar_one())
    return found
