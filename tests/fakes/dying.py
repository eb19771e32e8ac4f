"""`liaison`, started quickly and as often as a test kills it: each is a fork of this process, which has it imported.

    python -m tests.fakes.dying ARMED

Orders come in as lines of JSON, and it says which process began and which ended, with its exit code. All that differs
from `python -m bot` is that a process dies at the boundaries that are armed by files in that folder, and that
`housekeep` is a command there.
"""

import asyncio
import importlib
import json
import os
import select
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from bot.app import assembled
from bot.cli import command_line
from bot.settings import Settings
from schedules.clock import SystemClock
from tests.fakes.boundaries import die_at


def serve(armed: Path) -> None:
    """Begin a process for each order, until there are no more."""
    told, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    command_line()
    importlib.import_module("schedules.replicas")
    waiting = b""
    while True:
        ready, _, _ = select.select([0, told], [], [])
        if told in ready:
            os.read(told, 4096)
            _say_who_ended()
        if 0 in ready:
            some = os.read(0, 65536)
            if not some:
                return
            *orders, waiting = (waiting + some).split(b"\n")
            for order in orders:
                _begin(json.loads(order), armed)


def _begin(order: dict[str, Any], armed: Path) -> None:
    number = os.fork()
    if number == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _live(order, armed)
    _say({"began": number})


def _live(order: dict[str, Any], armed: Path) -> NoReturn:
    """Be the process that was ordered, to its end."""
    code: object = 1
    try:
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        die_at(armed)
        if order["arguments"] == ["housekeep"]:
            asyncio.run(_housekeep())
        else:
            command_line()(order["arguments"], prog_name="liaison")
        code = 0
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001 - it is the last thing that this process does
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


async def _housekeep() -> None:
    async with assembled(Settings(), SystemClock()) as installation:
        await installation.housekeep()


def _say_who_ended() -> None:
    try:
        while True:
            number, status = os.waitpid(-1, os.WNOHANG)
            if not number:
                return
            _say({"ended": number, "code": os.waitstatus_to_exitcode(status)})
    except ChildProcessError:
        return


def _say(what: dict[str, int]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
