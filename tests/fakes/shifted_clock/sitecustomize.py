"""Read by Python as it starts, where this folder is on its path: the computer's clock, off by what a file says.

It is shifted for the two who ask what time it is: schedules/clock.py, the only place of ours, and APScheduler. What
counts seconds for pauses goes on evenly, as on a real machine. (Python's own datetime cannot be replaced as a whole:
SQLAlchemy knows its values by their type.)
"""

import datetime as dt
import os
from pathlib import Path
from types import SimpleNamespace

import apscheduler.schedulers.base

import schedules.clock

_OFF = Path(os.environ["CLOCK_OFF"])


class _Shifted(dt.datetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]  # as good as its own
        shown = dt.datetime.now(tz)  # noqa: TID251 - it plays the computer's clock
        return shown + dt.timedelta(seconds=float(_OFF.read_text(encoding="ascii")))


setattr(schedules.clock, "dt", SimpleNamespace(datetime=_Shifted, UTC=dt.UTC))  # noqa: B010 - a name it does not export
apscheduler.schedulers.base.datetime = _Shifted
