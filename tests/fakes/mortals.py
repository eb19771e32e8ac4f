"""A network whose processes die where a test says so, on SQLite one of them and on PostgreSQL two."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from sandbox.seats import Refusal, Seen, SeenButton
from sandbox.slack import Change, MessageChanged
from sandbox.slack import Message as SlackMessage
from sandbox.teams.state import Message as TeamsMessage
from tests.fakes.boundaries import STAND_STILL, Boundary
from tests.fakes.cluster import SIGNERS, Cluster, cluster, in_sight
from tests.fakes.nursery import Nursery, nursery
from tests.fakes.replicas import Replica

AT_ONCE = 60.0
"""Seconds in which somebody dies who was to die, or a process says that it takes jobs."""
DONE: dict[str, str] = {"title": "", "facts": "The date moved.", "need": "A date that holds."}


@dataclass
class Mortals:
    """The network and the nursery of its processes; `deaths` counts them by where they died."""

    stage: Cluster
    nursery: Nursery
    shared: bool
    deaths: Counter[str] = field(default_factory=Counter)
    raised: list[str] = field(default_factory=list)
    _workers: dict[str, int] = field(default_factory=dict)
    _dies_at_post: Callable[[SlackMessage | TeamsMessage, str], bool] | None = None

    # --- living and dying ------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start all that are not alive; on PostgreSQL until each takes jobs."""
        for replica in self.stage.replicas:
            if not is_alive(replica):
                await replica.start()
                if self.shared:
                    self._workers[replica.name] = await self._newest_worker()

    async def dies_at(self, boundary: Boundary, work: Awaitable[object], at: str = "1") -> None:
        """Do the work while one process dies at that boundary; the work goes on until it is done."""
        self.nursery.arm(boundary, at)
        done = asyncio.ensure_future(work)
        await self.somebody_dies(boundary.words)
        assert not self.nursery.is_armed(boundary)
        await self.goes_on(done)

    async def dies_when_posted(
        self, words: str, work: Awaitable[object], is_it: Callable[[SlackMessage | TeamsMessage, str], bool]
    ) -> None:
        """Do the work while all processes die in the moment in which a platform has accepted such a message."""
        self._dies_at_post = is_it
        done = asyncio.ensure_future(work)
        await self.somebody_dies(words)
        await self.goes_on(done)

    async def dies_unwoken(self, words: str, boundary: Boundary, work: Awaitable[object]) -> None:
        """Do the work while no lane can be woken, and let all processes die once it has been answered."""
        if self.shared:
            async with self.stage.opened() as database, database.engine.begin() as connection:
                await connection.execute(text("LOCK TABLE procrastinate_jobs IN EXCLUSIVE MODE"))
                await work
                await self.all_die(words)
        else:
            self.nursery.arm(boundary, STAND_STILL)
            await work
            async with asyncio.timeout(AT_ONCE):
                while self.nursery.is_armed(boundary):  # noqa: ASYNC110 - a file tells nobody
                    await asyncio.sleep(0.02)
            await self.all_die(words)
        await self.goes_on()

    async def dies_one_after_another(
        self,
        boundaries: Iterable[Boundary],
        work: Awaitable[object],
        is_it: Callable[[SlackMessage | TeamsMessage, str], bool],
    ) -> None:
        """Die as a message is accepted, and then again at each boundary while that is put right."""
        self._dies_at_post = is_it
        done = asyncio.ensure_future(work)
        await self._nobody_is_left()
        for boundary in boundaries:
            self.nursery.arm(boundary)
            await self._seems_long_dead()
            starting = asyncio.ensure_future(self.stage.replicas[0].start())
            await asyncio.wait([starting])  # it may die before it is ready, which is then found wrong
            starting.exception()
            await self._nobody_is_left()
            self.deaths[f"{boundary.words}, after a death"] += 1
        await self.goes_on(done)

    async def run(self, *arguments: str) -> int:
        """Run a command to its end, in the environment of the replicas; its exit code, -9 when it died."""
        replica = self.stage.replicas[0]
        process = await self.nursery.spawn(
            arguments, replica.folder, replica.environment, replica.folder / "commands.log"
        )
        return await process.wait()

    async def all_die(self, words: str) -> None:
        for replica in self.stage.replicas:
            if is_alive(replica):
                await replica.kill()
        self.deaths[words] += 1

    async def goes_on(self, work: Awaitable[object] | None = None) -> None:
        """Start the dead again, who look for what dead ones have left, and return when everything is done."""
        await self._seems_long_dead()
        await self.start()
        if work is not None:
            await self.stage.in_time(work)
        await self.stage.in_time(self.stage.quiet())

    async def somebody_dies(self, words: str) -> None:
        """Return once one of them is dead."""
        async with asyncio.timeout(AT_ONCE):
            while all(is_alive(replica) for replica in self.stage.replicas):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)
        self.deaths[words] += 1

    async def _nobody_is_left(self) -> None:
        async with asyncio.timeout(AT_ONCE):
            while any(is_alive(replica) for replica in self.stage.replicas):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)

    async def _seems_long_dead(self) -> None:
        """Spare the test the half minute in which a silent replica is found dead; a test of its own has it."""
        if not self.shared:
            return
        living = [self._workers.get(one.name, 0) for one in self.stage.replicas if is_alive(one)]
        async with self.stage.opened() as database, database.engine.begin() as connection:
            gone = text("DELETE FROM procrastinate_workers WHERE id <> ALL(:living)")
            await connection.execute(gone, {"living": living})

    async def _newest_worker(self) -> int:
        async with self.stage.opened() as database, asyncio.timeout(AT_ONCE):
            while True:
                async with database.engine.connect() as connection:
                    newest = await connection.scalar(text("SELECT max(id) FROM procrastinate_workers"))
                if newest is not None and newest not in self._workers.values():
                    return int(newest)
                await asyncio.sleep(0.02)

    # --- what people do --------------------------------------------------------------------------------

    async def sign(self, number: int) -> None:
        """One of the three presses that bring the charter into force."""
        key, action = SIGNERS[number]
        await self.stage.press(f"net1/{key}", action)

    async def ready_to_raise(self, key: str, title: str) -> Awaitable[object]:
        """Bring somebody before the form; what is returned submits it until it is taken."""
        person = self.stage.net.people[f"net1/{key}"]
        before = [id(seen.place) for seen in person.seat.inbox()]
        await person.seat.say("raise")
        while True:
            seen, button = await in_sight(person, "escalation.raise")
            if id(seen.place) not in before:
                return await self._submitting(key, seen, button, {**DONE, "title": title})
            await asyncio.sleep(0.02)

    async def _submitting(self, key: str, seen: Seen, button: SeenButton, inputs: dict[str, str]) -> Awaitable[object]:
        seat = self.stage.net.people[f"net1/{key}"].seat
        opened = None if seen.inputs else await seat.press(seen, button, {})

        async def submit() -> None:
            while True:
                try:
                    if opened is not None:
                        await seat.submit(opened, inputs)
                    else:
                        await seat.press(seen, button, inputs)
                except Refusal:
                    await asyncio.sleep(0.1)
                else:
                    self.raised.append(inputs["title"])
                    return

        return submit()

    def posted(self, message: SlackMessage | TeamsMessage, change: str) -> None:
        """Hear from both platforms what they have accepted, before they answer."""
        if self._dies_at_post is not None and self._dies_at_post(message, change):
            self._dies_at_post = None
            for replica in self.stage.replicas:
                if is_alive(replica) and replica.process is not None:
                    replica.process.send_signal(9)

    # --- what is left ----------------------------------------------------------------------------------

    async def files(self) -> bytes:
        """What the database's files hold of pulses, deleted rows and free space included."""
        if not self.shared:
            # Not opened here: whoever closes it last would tidy up.
            return await asyncio.to_thread(_bytes_of, Path(self.stage.server.address.removeprefix("sqlite:///")))
        async with self.stage.opened() as database, database.engine.connect() as opened:
            connection = await opened.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("CHECKPOINT"))
            held = [
                await connection.scalar(text(f"SELECT pg_read_binary_file(pg_relation_filepath('{table}'))"))
                for table in ("pulses", "pulse_answers", "pulse_comments", "pulse_participations")
            ]
        return b"".join(bytes(one or b"") for one in held)


def _bytes_of(file: Path) -> bytes:
    files = [file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))]
    return b"".join(one.read_bytes() for one in files if one.exists())


def is_alive(replica: Replica) -> bool:
    return replica.process is not None and replica.process.returncode is None


@asynccontextmanager
async def mortals(folder: Path, *, shared: bool) -> AsyncIterator[Mortals]:
    """An installation of one alliance, its database empty, nobody born yet; two replicas when it is `shared`."""
    names: dict[str, tuple[str, ...]] = {"one": (), "two": ()} if shared else {"alone": ()}
    async with (
        nursery(folder) as born,
        cluster(folder, alliances=1, members=12, names=names, sqlite=not shared, spawn=born.spawn) as stage,
    ):
        made = Mortals(stage, born, shared)

        def heard(changed: MessageChanged) -> None:
            made.posted(changed.message, changed.change)

        stage.slack.on_message(heard)
        stage.teams.on_message(made.posted)
        yield made


def new_on_slack(message: SlackMessage | TeamsMessage, change: str) -> bool:
    return isinstance(message, SlackMessage) and change == Change.POSTED and message.thread_ts is None


def reply_on_slack(message: SlackMessage | TeamsMessage, change: str) -> bool:
    return isinstance(message, SlackMessage) and change == Change.POSTED and message.thread_ts is not None


def redrawn_on_slack(message: SlackMessage | TeamsMessage, change: str) -> bool:
    return isinstance(message, SlackMessage) and change == Change.UPDATED


def new_on_teams(message: SlackMessage | TeamsMessage, change: str) -> bool:
    return isinstance(message, TeamsMessage) and change == "posted"


def cards_sent_twice(stage: Cluster) -> int:
    """How many cards stand in Teams a second time, by the delivery that their buttons name."""
    seen = Counter(mark for message in _on_teams(stage) for mark in _marks(message.activity))
    return sum(times - 1 for times in seen.values())


def _on_teams(stage: Cluster) -> Iterator[TeamsMessage]:
    for person in stage.net.people.values():
        for one in person.seat.inbox():
            if isinstance(one.place, TeamsMessage):
                yield one.place


def _marks(part: object) -> set[str]:
    match part:
        case {"card": str(mark), "token": _}:
            return {mark}
        case dict():
            return {mark for inner in part.values() for mark in _marks(inner)}
        case list():
            return {mark for inner in part for mark in _marks(inner)}
        case _:
            return set()
