"""Logs: one line per event, fields kept apart, in the form that the settings name."""

import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import set_up_logs
from bot.settings import LogFormat, LogLevel

LIBRARIES = ("alembic", "aiohttp.access", "slack_bolt", "slack_sdk", "msrest", "procrastinate", "psycopg")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Put the process' logging back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in (*LIBRARIES, "apscheduler")}
    yield
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def test_json_lines_hold_the_event_and_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(LogLevel.INFO, LogFormat.JSON)

    logging.getLogger("bot.app").info("liaison is running", extra={"address": "http://[::1]:8000\nnot a new line"})

    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert told.pop("timestamp").endswith("Z")
    assert told == {
        "event": "liaison is running",
        "address": "http://[::1]:8000\nnot a new line",
        "level": "info",
        "logger": "bot.app",
    }


def test_a_traceback_stays_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(LogLevel.INFO, LogFormat.JSON)

    broken = OSError("the disk is full")
    logging.getLogger("bot.desk").error("request failed", exc_info=broken, extra={"reference": "ab12"})

    (line,) = capsys.readouterr().err.splitlines()
    assert "the disk is full" in json.loads(line)["exception"]
    assert json.loads(line)["reference"] == "ab12"


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(LogLevel.INFO, LogFormat.TEXT)

    logging.getLogger("bot.app").warning("not reached", extra={"because": "timeout"})

    said = capsys.readouterr().err
    assert "not reached" in said
    assert "because=timeout" in said


def test_the_level_is_that_of_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(LogLevel.WARNING, LogFormat.TEXT)

    logging.getLogger("bot.app").info("liaison is running")
    logging.getLogger("bot.app").warning("not reached")

    assert [line for line in capsys.readouterr().err.splitlines() if "running" in line] == []


@pytest.mark.parametrize("name", LIBRARIES)
def test_libraries_speak_only_of_warnings(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(LogLevel.DEBUG, LogFormat.TEXT)

    logging.getLogger(f"{name}.inner").info("chatter")
    logging.getLogger(f"{name}.inner").warning("trouble")

    said = capsys.readouterr().err
    assert "chatter" not in said
    assert "trouble" in said
