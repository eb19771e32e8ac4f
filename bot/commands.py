"""The text grammar: what people type, the same on both platforms, becomes an intent.

Case, punctuation and invisible characters are forgiven. What is not understood asks for help, which names the
nearest word.
"""

import datetime as dt
import difflib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from alliance.calendar import local_date
from alliance.errors import NotAMember, NotUnderstood
from alliance.ids import AllianceId
from alliance.permissions import TIERS
from alliance.roster import Member, Roster, Tier
from bot.spoken_dates import UnclearDate, read_date
from handlers import intents as i
from handlers import reading_intents as reading
from handlers.own_intents import PlaceHome

LONGEST = 500
"""Characters of a request; whatever is longer was meant for a form."""
LONGEST_ECHO = 60


class TooLong(NotUnderstood):
    """That is too long to be read as a request. Say "help" for what you can ask; forms take longer texts."""


class WhichNumber(NotUnderstood):
    """The number is missing or unclear. Write it like "escalation 3" or "done 12"."""


class WhichAlliance(NotUnderstood):
    """You are in several alliances. Begin with the one you mean."""


class AwayUntilWhen(UnclearDate):
    """Until when? Write "away until" and your last day away, like "Friday" or "12 March"."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: where, on which local date, and the words after the command's own."""

    alliance_id: AllianceId
    today: dt.date
    rest: tuple[str, ...]

    def number(self) -> int:
        """The one number that follows. Raises WhichNumber."""
        words = [word.removeprefix("#") for word in self.rest if word not in {"number", "no", "nr"}]
        if len(words) != 1 or not words[0].isascii() or not words[0].isdigit() or len(words[0]) > 6:
            raise WhichNumber
        return int(words[0])


Build = Callable[[Asked], i.PersonIntent]


@dataclass(frozen=True, slots=True)
class Command:
    """`usage` and `says` are shown in the help to those who hold the right of `intent`.

    `words` are all that ask for it; `takes` True: more may follow; `everywhere` True: it is about all of a person's
    alliances, so that it need not be said for which.
    """

    usage: str
    says: str
    intent: type[i.PersonIntent]
    words: tuple[str, ...]
    build: Build
    takes: bool = field(default=False, kw_only=True)
    everywhere: bool = field(default=False, kw_only=True)


def _status(asked: Asked) -> i.PersonIntent:
    return i.ShowStatus(alliance_id=asked.alliance_id)


def _escalation(asked: Asked) -> i.PersonIntent:
    if not asked.rest:
        return i.ListEscalations(alliance_id=asked.alliance_id)
    return i.ShowEscalation(alliance_id=asked.alliance_id, number=asked.number())


def _raise(asked: Asked) -> i.PersonIntent:
    if len(asked.rest) == 1 and asked.rest[0].removeprefix("#").isdigit():
        return i.ShowEscalation(alliance_id=asked.alliance_id, number=asked.number())
    return i.AskRaise(alliance_id=asked.alliance_id)


def _done(asked: Asked) -> i.PersonIntent:
    if not asked.rest:
        return i.ListActionItems(alliance_id=asked.alliance_id)
    return i.FinishActionItem(alliance_id=asked.alliance_id, number=asked.number())


def _propose(asked: Asked) -> i.PersonIntent:
    return i.ProposeCharter(alliance_id=asked.alliance_id, version=_version(asked))


def _sign(asked: Asked) -> i.PersonIntent:
    return i.SignCharter(alliance_id=asked.alliance_id, version=_version(asked))


def _version(asked: Asked) -> int | None:
    words = tuple(word for word in asked.rest if word not in {"charter", "version", "the"})
    return Asked(asked.alliance_id, asked.today, words).number() if words else None


def _away(asked: Asked) -> i.PersonIntent:
    words = asked.rest[1:] if asked.rest[:1] in {("until",), ("till",), ("til",)} else asked.rest
    if not words:
        raise AwayUntilWhen
    return i.SetAway(alliance_id=asked.alliance_id, until=read_date(words, asked.today))


COMMANDS = (
    Command(
        "status",
        "where things stand, and what waits for you",
        i.ShowStatus,
        (
            *("status", "hi", "hello", "hey", "good morning", "good afternoon", "good evening", "hallo", "moin"),
            *("me", "my status", "start", "where do we stand", "what now", "what is new", "what's new", "news", "next"),
        ),
        _status,
    ),
    Command(
        "home",
        "all that waits for you, with a button for each",
        PlaceHome,
        ("home", "my home", "show home", "dashboard", "overview", "inbox"),
        lambda asked: PlaceHome(alliance_id=asked.alliance_id),
        everywhere=True,
    ),
    Command(
        "checkin",
        "answer the open check-in, or change your answer",
        i.ShowCheckin,
        ("checkin", "check-in", "check in", "standup", "stand-up", "daily", "update", "my update", "answer"),
        lambda asked: i.ShowCheckin(alliance_id=asked.alliance_id),
    ),
    Command(
        "pulse",
        "answer the open pulse, or correct your answer",
        i.ShowPulse,
        ("pulse", "survey", "questionnaire", "mood"),
        lambda asked: i.ShowPulse(alliance_id=asked.alliance_id),
    ),
    Command(
        "results",
        "the newest pulse results",
        reading.ShowPulseResults,
        ("results", "pulse results", "scores", "score", "gaps"),
        lambda asked: reading.ShowPulseResults(alliance_id=asked.alliance_id),
    ),
    Command(
        "raise",
        "bring something up with both sides",
        i.AskRaise,
        (
            *("raise", "escalate", "raise an escalation", "new escalation", "raise a concern", "raise an issue"),
            *("problem", "blocker", "blocked", "i am blocked", "i'm blocked", "we are blocked", "stuck", "i am stuck"),
            *("issue", "concern", "conflict", "complaint", "trouble", "report a problem"),
        ),
        _raise,
        takes=True,
    ),
    Command(
        "escalations",
        "the open escalations; “escalation 3” shows one",
        i.ListEscalations,
        (
            *("escalations", "escalation", "open escalations", "show escalation", "show escalations"),
            *("issues", "open issues", "problems", "blockers", "conflicts", "concerns"),
        ),
        _escalation,
        takes=True,
    ),
    Command(
        "actions",
        "the open action items",
        i.ListActionItems,
        (
            *("actions", "action items", "action item", "action", "my actions", "my action items"),
            *("todo", "to do", "todos", "to-do", "to-dos", "items", "tasks", "my tasks", "task list"),
        ),
        lambda asked: i.ListActionItems(alliance_id=asked.alliance_id),
    ),
    Command(
        "done 3",
        "mark action item 3 as done",
        i.FinishActionItem,
        ("done", "done with", "finished", "finish", "completed", "complete", "close", "tick off", "mark done"),
        _done,
        takes=True,
    ),
    Command(
        "charter",
        "what both companies agreed",
        i.ShowCharter,
        ("charter", "agreement", "contract", "show charter", "the charter", "what did we agree", "goals", "rules"),
        lambda asked: i.ShowCharter(alliance_id=asked.alliance_id),
    ),
    Command(
        "propose",
        "put the drafted charter version before the executives",
        i.ProposeCharter,
        ("propose",),
        _propose,
        takes=True,
    ),
    Command(
        "sign", "sign the proposed charter version", i.SignCharter, ("sign", "sign it", "approve"), _sign, takes=True
    ),
    Command(
        "checkpoint",
        "answer the open checkpoint",
        i.ShowCheckpoint,
        ("checkpoint", "retrospective", "retro", "look back", "review"),
        lambda asked: i.ShowCheckpoint(alliance_id=asked.alliance_id),
    ),
    Command(
        "checkpoint now",
        "call a checkpoint today",
        i.CallCheckpoint,
        ("checkpoint now", "call checkpoint", "call a checkpoint", "open checkpoint"),
        lambda asked: i.CallCheckpoint(alliance_id=asked.alliance_id),
    ),
    Command(
        "digest",
        "the latest weekly digest",
        i.ShowDigest,
        ("digest", "weekly", "weekly digest", "report", "summary", "weekly report"),
        lambda asked: i.ShowDigest(alliance_id=asked.alliance_id),
    ),
    Command(
        "trail",
        "what was agreed, raised, decided and read, in the order it happened",
        reading.ShowTrail,
        ("trail", "audit trail", "audit", "history", "log"),
        lambda asked: reading.ShowTrail(alliance_id=asked.alliance_id),
    ),
    Command(
        "who",
        "who is across from you, and who is in the alliance",
        i.ShowCounterparts,
        (
            *("who", "counterpart", "counterparts", "my counterpart", "people", "team", "members", "contacts"),
            *("who is who", "who's who", "who is across", "who do i talk to", "the other side"),
        ),
        lambda asked: i.ShowCounterparts(alliance_id=asked.alliance_id),
    ),
    Command(
        "away until Friday",
        "no reminders until then",
        i.SetAway,
        (
            *("away", "i am away", "i'm away", "im away", "out", "out of office", "ooo"),
            *("vacation", "holiday", "holidays", "on vacation", "on holiday", "on leave", "leave", "pto", "on pto"),
            *("sick", "sick leave", "i am out", "i'm out", "off", "day off", "absent", "travelling"),
        ),
        _away,
        takes=True,
    ),
    Command(
        "back",
        "you are back earlier",
        i.SetAway,
        ("back", "i am back", "i'm back", "im back", "not away", "back again", "here again", "returned"),
        lambda asked: i.SetAway(alliance_id=asked.alliance_id, until=None),
    ),
    Command(
        "privacy",
        "what is stored about you",
        i.ShowStored,
        (
            *("privacy", "what is stored about me", "what do you know about me", "my data", "show my data"),
            *("stored", "gdpr", "data protection", "export my data"),
        ),
        lambda asked: i.ShowStored(alliance_id=asked.alliance_id),
    ),
    Command(
        "delete my data",
        "have it deleted; you are asked once more first",
        i.ForgetMe,
        (
            *("delete my data", "forget me", "delete me", "remove me", "delete data", "erase my data"),
            *("unsubscribe", "leave the alliance", "delete everything about me"),
        ),
        lambda asked: i.ForgetMe(alliance_id=asked.alliance_id),
    ),
    Command(
        "help",
        "this list",
        i.ShowHelp,
        (
            *("help", "?", "commands", "menu", "options", "what can you do", "what can i say", "what can i ask"),
            *("help me", "how does this work", "who are you", "manual", "usage"),
        ),
        lambda asked: i.ShowHelp(alliance_id=asked.alliance_id),
    ),
)

_BY_WORDS = {tuple(words.split()): command for command in COMMANDS for words in command.words}
_MOST_WORDS = max(len(words) for words in _BY_WORDS)
_POLITE = frozenset({"please", "pls", "thanks", "thank", "you", "liaison", "alliance", "there"})
_AROUND_WORDS = ".,;:!'\"()[]{}<>*_~`/\\|…“”‘’«»¡¿-–—"


def parse(text: str, memberships: Sequence[tuple[Member, Roster]], now: dt.datetime) -> i.PersonIntent:
    """Return what a person asks for; what is not understood becomes a wish for help.

    `memberships` are the alliances that the person is in, each with its roster. Who is in several begins with
    "in" and the alliance's key. Dates are read in the person's company's own calendar. Raises NotAMember when
    there is no membership, and children of NotUnderstood.
    """
    if len(text) > LONGEST:
        raise TooLong
    words = _words(text)
    (member, roster), words = _place(words, memberships)
    asked = Asked(roster.alliance_id, _today(member, roster, now), ())
    if not words:
        return i.ShowHelp(alliance_id=asked.alliance_id)
    for length in range(min(_MOST_WORDS, len(words)), 0, -1):
        command, rest = _BY_WORDS.get(words[:length]), words[length:]
        if command is not None and (command.takes or not rest):
            return command.build(Asked(asked.alliance_id, asked.today, rest))
    return i.ShowHelp(alliance_id=asked.alliance_id, unknown=" ".join(words)[:LONGEST_ECHO])


def help_for(tier: Tier) -> tuple[Command, ...]:
    """Return the commands that a member of this tier can use, in the order in which the help lists them."""
    return tuple(command for command in COMMANDS if tier in TIERS[command.intent.right])


def nearest(unknown: str, tier: Tier) -> Command | None:
    """Return the command that an unknown request most likely meant, of those the tier can use."""
    meant = {words: command for command in help_for(tier) for words in command.words}
    first = unknown.split(" ", maxsplit=1)[0]
    found = difflib.get_close_matches(unknown, meant, n=1) or difflib.get_close_matches(first, meant, n=1)
    return meant[found[0]] if found else None


def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", text.replace("’", "'")).casefold()
    # Invisible characters join and control characters part words, as one who reads the text sees it.
    seen = "".join(_seen(letter) for letter in plain)
    stripped = [word if word == "?" else word.strip(_AROUND_WORDS + "?") for word in seen.split()]
    words = [word for word in stripped if word]
    while len(words) > 1 and words[-1] in _POLITE:
        words.pop()
    while len(words) > 1 and words[0] in _POLITE:
        words.pop(0)
    return tuple(words)


def _seen(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in {"Cf", "Cs", "Co", "Cn"}:
        return ""
    return " " if category == "Cc" else letter


def _place(
    words: tuple[str, ...], memberships: Sequence[tuple[Member, Roster]]
) -> tuple[tuple[Member, Roster], tuple[str, ...]]:
    if not memberships:
        raise NotAMember
    keys = ", ".join(f"“in {roster.key}”" for _, roster in memberships)
    if words[:1] == ("in",) and len(words) > 1:
        named = [
            membership for membership in memberships if membership[1].key.casefold().strip(_AROUND_WORDS) == words[1]
        ]
        if not named:
            raise WhichAlliance(f"You are not in an alliance called “{words[1][:LONGEST_ECHO]}”. Yours: {keys}.")
        return named[0], words[2:]
    command = _BY_WORDS.get(words)
    if len(memberships) > 1 and not (command is not None and command.everywhere):
        raise WhichAlliance(f"You are in several alliances. Begin with the one you mean: {keys}, then what you want.")
    return memberships[0], words


def _today(member: Member, roster: Roster, now: dt.datetime) -> dt.date:
    return local_date(now, "UTC" if member.side is None else roster.side(member.side).calendar.zone)
