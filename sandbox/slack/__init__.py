"""A local stand-in for Slack that speaks its real protocol over HTTP and Socket Mode."""

from sandbox.slack.delivery import Delivered, Kind
from sandbox.slack.forms import CannotFillIn, Chosen
from sandbox.slack.limits import NO_LIMITS, REAL_LIMITS, Limits, Rate
from sandbox.slack.server import Request, SlackStandIn
from sandbox.slack.state import Json, Message, NotThere, Person, Version, View
from sandbox.slack.watching import Change, MessageChanged, ViewChanged

__all__ = [
    "NO_LIMITS",
    "REAL_LIMITS",
    "CannotFillIn",
    "Change",
    "Chosen",
    "Delivered",
    "Json",
    "Kind",
    "Limits",
    "Message",
    "MessageChanged",
    "NotThere",
    "Person",
    "Rate",
    "Request",
    "SlackStandIn",
    "Version",
    "View",
    "ViewChanged",
]
