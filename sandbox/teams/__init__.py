"""A local stand-in for Microsoft Teams that speaks the real protocols, and the people who use it."""

from sandbox.teams.activities import ADVISED_LIMIT, HARD_LIMIT, check_message, size_of
from sandbox.teams.cards import ADAPTIVE_CARD, Problem, card_problems, without_charts
from sandbox.teams.core import BotAnswer, Delivery, RequestRecord
from sandbox.teams.errors import BotMisbehaved, PersonCannot, Refused
from sandbox.teams.faults import Operation
from sandbox.teams.forms import Button, buttons, fill, find_button
from sandbox.teams.keys import KeyRole, TokenOverrides
from sandbox.teams.limits import NO_LIMITS, REAL_LIMITS, Limits, Window
from sandbox.teams.people import ActionAnswer, Dialog
from sandbox.teams.server import TeamsStandIn
from sandbox.teams.state import Conversation, Message, Person

__all__ = [
    "ADAPTIVE_CARD",
    "ADVISED_LIMIT",
    "HARD_LIMIT",
    "NO_LIMITS",
    "REAL_LIMITS",
    "ActionAnswer",
    "BotAnswer",
    "BotMisbehaved",
    "Button",
    "Conversation",
    "Delivery",
    "Dialog",
    "KeyRole",
    "Limits",
    "Message",
    "Operation",
    "Person",
    "PersonCannot",
    "Problem",
    "Refused",
    "RequestRecord",
    "TeamsStandIn",
    "TokenOverrides",
    "Window",
    "buttons",
    "card_problems",
    "check_message",
    "fill",
    "find_button",
    "size_of",
    "without_charts",
]
