"""Logs: an event name and fields, as text for a terminal or as JSON lines for a collector."""

import logging
import sys

import structlog
from structlog.types import Processor

from bot.settings import LogFormat, LogLevel

_SHARED: tuple[Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)
_NOISY = (
    "alembic",
    "aiohttp.access",
    "slack_bolt",
    "slack_sdk",
    "msrest",
    "procrastinate",
    "psycopg",
)


def set_up_logs(level: LogLevel, log_format: LogFormat) -> None:
    """Send all logs to standard error in one form; libraries that chatter speak only of warnings."""
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if log_format is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=list(_SHARED),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # It repeats at each try what storage.trouble says once.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    # It warns of every second that passes while a sweep is still at work, which is as it should be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
