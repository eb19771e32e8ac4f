"""Lanes spread over replicas: one that has something to send is a job in PostgreSQL, and any replica takes it.

Procrastinate keeps the jobs. `lock` lets one job of a lane run at a time, wherever; `queueing_lock` lets one more wait,
so that what is stored while a lane is drained is seen by the drain after it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from schedules.clock import Clock
from schedules.deliveries import Lane
from schedules.workers import LAST_MOMENTS
from storage.unit_of_work import Interrupted, OpenUnitOfWork

log = logging.getLogger(__name__)

QUEUE = "lanes"
LANES_AT_ONCE = 100
"""Lanes that one replica drains side by side; a lane that waits for its platform costs next to nothing."""
CONNECTED_WITHIN = 10.0
"""Seconds for which a job's statement waits for a connection."""
PAUSES_UP_TO = 3.0
"""Seconds in all between tries to connect anew. Without a bound the pauses double while the database is away, and it
would be found again as long after its return as it was away."""
CONNECTIONS = 4
"""Of a replica to the database for its jobs, beside those of its units of work and one that listens."""
HEARTBEAT_EVERY = 5.0
STALLED_AFTER = 20.0
"""Seconds without a heartbeat after which a replica counts as dead and its lanes are given to others."""
RESCUE_EVERY = 10.0
"""Seconds between two looks for dead replicas, by each that drains; so a dead one's lanes wait half a minute."""
HARDLY_EVER = "0 0 1 1 *"
_FROM_NOW_ON = "UPDATE procrastinate_workers SET last_heartbeat = NOW() WHERE last_heartbeat > NOW()"
LOOK_AGAIN_AFTER = 0.5
"""Seconds between two looks for jobs: of one that waited for its lane to be free, no notification tells."""
NOBODY_ABORTS = 3600.0
"""Seconds between two looks for jobs to abort, of which there are none."""
START_AGAIN_AFTER = 1.0
"""Seconds until jobs are taken again after the database was away."""


class AnyReplica:
    """Wakes lanes by a job each; where it `drains`, takes the jobs of all replicas, otherwise leaves them to others."""

    def __init__(
        self,
        make_lane: Callable[[str], Lane],
        *,
        open_uow: OpenUnitOfWork,
        clock: Clock,
        database: Mapping[str, str],
        drains: bool = True,
    ) -> None:
        """`database` is what libpq connects by. Nothing is connected before `start`."""
        self._make_lane = make_lane
        self._open_uow = open_uow
        self._clock = clock
        self._drains = drains
        self._stopping = False
        self._draining: dict[str, Lane] = {}
        self._again: set[str] = set()
        self._waking: set[asyncio.Task[None]] = set()
        self._worker: asyncio.Task[None] | None = None
        connector = procrastinate.PsycopgConnector(
            kwargs=dict(database),
            min_size=1,
            max_size=CONNECTIONS,
            timeout=CONNECTED_WITHIN,
            reconnect_timeout=PAUSES_UP_TO,
        )
        self._app = procrastinate.App(connector=connector)
        self._drain = self._app.task(name="drain", queue=QUEUE)(self._run)
        self._rescuer: asyncio.Task[None] | None = None
        # While there is a periodic task, the worker's own monitor lives, which stops it when its heartbeat fails. It is
        # of no other use: procrastinate times it by the computer's clock, and one put back would leave it out.
        nothing = self._app.task(name="rescue", queue=QUEUE, queueing_lock="rescue")(self._nothing)
        self._app.periodic(cron=HARDLY_EVER)(nothing)

    async def start(self) -> None:
        """Connect, and begin to take jobs where this replica drains lanes."""
        await self._app.open_async()
        if self._drains:
            self._worker = asyncio.create_task(self._work(), name="lanes of all replicas")
            self._rescuer = asyncio.create_task(self._keep_rescuing(), name="looks for dead replicas")

    def wake(self, lanes: Iterable[str]) -> None:
        for name in lanes:
            if self._stopping:
                return
            if name in self._draining:
                self._again.add(name)
                continue
            task = asyncio.create_task(self._defer(name), name=f"wake {name}")
            self._waking.add(task)
            task.add_done_callback(self._waking.discard)

    async def wake_waiting(self) -> None:
        """Wake every lane that has something due and is not drained here: retries, and what a dead replica left."""
        async with self._open_uow(reads=True) as uow:
            waiting = await uow.outbox.waiting_lanes(self._clock.now())
        self.wake(name for name in waiting if name not in self._draining)

    async def idle(self) -> None:
        """Return once no replica has a lane to drain."""
        while self._waking or await self._jobs():  # noqa: ASYNC110 - another process has no Event of ours
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self._stopping = True
        for lane in self._draining.values():
            lane.stop()
        if self._rescuer is not None:
            self._rescuer.cancel()
            await asyncio.wait([self._rescuer])
        if self._worker is not None:
            # It stops taking jobs, gives those that run their last moments, and cancels what is late.
            self._worker.cancel()
            await asyncio.wait([self._worker])
            self._worker = None
        if self._waking:
            await asyncio.wait(self._waking, timeout=LAST_MOMENTS)
        await self._app.close_async()

    # --- jobs ----------------------------------------------------------------------------------------

    async def _defer(self, name: str) -> None:
        try:
            await self._drain.configure(lock=name, queueing_lock=name).defer_async(lane=name)
        except AlreadyEnqueued:
            pass  # that job will see what this one was for
        except ConnectorException as error:
            # The deliveries are stored, and the next tick of any replica wakes their lane.
            log.warning("lane not woken", extra={"lane": name, "because": str(error.__cause__ or error)})

    async def _run(self, lane: str) -> None:
        """Drain a lane; nobody else does at this time, so what is found in doubt was left by a dead replica."""
        drained = self._draining[lane] = self._make_lane(lane)
        try:
            if not self._stopping:
                await drained.recover()
                await self._drained(drained)
        except Interrupted as broken:
            # It stays as it was in the database, and a tick that finds the database at work wakes it again.
            log.warning("lane broken off", extra={"lane": lane, "because": str(broken)})
        except Exception:
            # The lane stays as it was in the database; the next tick wakes it again.
            log.exception("lane failed", extra={"lane": lane})
        finally:
            self._again.discard(lane)
            del self._draining[lane]

    async def _drained(self, lane: Lane) -> None:
        """Drain it once more whenever it was woken meanwhile."""
        await lane.drain()
        while lane.name in self._again and not self._stopping:
            self._again.discard(lane.name)
            await lane.drain()

    async def _nothing(self, timestamp: int) -> None:
        """Be a periodic task; procrastinate says when it was due."""

    async def _keep_rescuing(self) -> None:
        while True:
            try:
                await self._rescue()
            except ConnectorException as error:
                log.warning("dead replicas not looked for", extra={"because": str(error.__cause__ or error)})
            await asyncio.sleep(RESCUE_EVERY)

    async def _rescue(self) -> None:
        """Give the lanes of dead replicas to others."""
        # A heartbeat of the future was noted before the database's clock was put back: it counts from now on.
        await self._app.connector.execute_query_async(_FROM_NOW_ON)
        for job in await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
            log.warning("taken over from a replica that died", extra={"lane": job.lock, "job": job.task_name})
            with suppress(ConnectorException):  # another replica may be quicker
                await self._app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
            if job.lock is not None:
                self.wake([job.lock])

    async def _work(self) -> None:
        """Take jobs until stopped; an outage of the database ends the taking, and it begins anew."""
        while not self._stopping:
            try:
                await self._app.run_worker_async(
                    queues=[QUEUE],
                    name="lanes",
                    concurrency=LANES_AT_ONCE,
                    fetch_job_polling_interval=LOOK_AGAIN_AFTER,
                    abort_job_polling_interval=NOBODY_ABORTS,
                    shutdown_graceful_timeout=LAST_MOMENTS,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT_EVERY,
                    stalled_worker_timeout=STALLED_AFTER,
                )
            except ConnectorException as error:
                log.warning("jobs cannot be taken", extra={"because": str(error.__cause__ or error)})
            await self._back()

    async def _back(self) -> None:
        """Return once the database answers: a worker that is started before that fails, and says so, each time."""
        while not self._stopping:
            await asyncio.sleep(START_AGAIN_AFTER)
            with suppress(Interrupted):
                async with self._open_uow(reads=True) as uow:
                    await uow.outbox.waiting_lanes(self._clock.now())
                    return

    async def _jobs(self) -> bool:
        """Whether a lane waits to be drained, or is being drained, anywhere; not known while the database is away."""
        try:
            jobs: list[Any] = list(await self._app.job_manager.list_jobs_async(queue=QUEUE, task=self._drain.name))
        except ConnectorException:
            return True
        return bool(jobs)
