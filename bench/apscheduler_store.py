"""The baseline of promises: APScheduler with its SQLAlchemyJobStore, on SQLite with the durability of ours.

`python -m bench.apscheduler_store FILE JOBS` starts it as its guide says that a program must which schedules jobs in a
persistent store at its start (explicit ids, `replace_existing`), and prints what that took as JSON.
"""

import json
import sys
import time

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import create_engine, event

from bench.memory import resident


def remind(_number: int) -> None:
    """What every job calls; none falls due while this runs."""


def started(path: str, jobs: int) -> BackgroundScheduler:
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _like_ours)
    scheduler = BackgroundScheduler(timezone="UTC", jobstores={"default": SQLAlchemyJobStore(engine=engine)})
    for number in range(jobs):
        scheduler.add_job(
            remind,
            "cron",
            args=[number],
            id=f"job {number}",
            replace_existing=True,
            month=1 + number % 12,
            day=1 + number % 28,
            hour=number % 24,
            minute=number % 60,
        )
    scheduler.start()
    return scheduler


def _like_ours(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection, which has no class of its own
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def main(path: str, jobs: int) -> None:
    before = resident()
    began = time.perf_counter()
    scheduler = started(path, jobs)
    took = time.perf_counter() - began
    after = resident()
    scheduler.shutdown(wait=False)
    began = time.perf_counter()
    again = started(path, 0)
    bare = time.perf_counter() - began
    again.shutdown(wait=False)
    print(json.dumps({"seconds": took, "bare": bare, "grown": after - before, "resident": after}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
