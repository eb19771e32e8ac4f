"""Splitting the work between processes that share one database."""

from enum import StrEnum


class Part(StrEnum):
    """What one process of several may do alone: take the platforms' requests, or keep the time and deliver."""

    WEB = "web"
    WORKER = "worker"


class CannotSplit(Exception):
    """The work was to be split, which needs a database that processes share; the text says what to do."""
