"""Whether an answer will do: each check returns it in the one spelling that is kept, or says what is wrong."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from alliance.calendar import BadCalendar, WorkingCalendar
from alliance.roster import Platform
from bot.settings import is_address, is_guid, is_loopback

Check = Callable[[str], str]
LONGEST_NAME = 120
_TOKENS = {"xoxb-": "a bot token", "xoxp-": "a user token", "xapp-": "an app-level token", "xoxe": "a rotating token"}


class NotGood(Exception):
    """The answer will not do; the text says why, and how to write it."""


def name(text: str) -> str:
    """A name as people see it."""
    if not text:
        raise NotGood("A name is needed here.")
    if len(text) > LONGEST_NAME:
        raise NotGood(f"Write at most {LONGEST_NAME} letters; these are {len(text)}.")
    if any(unicodedata.category(letter).startswith("C") for letter in text):
        raise NotGood("There is a letter in it that cannot be seen. Type it anew, without pasting.")
    return text


def another_than(taken: str) -> Check:
    def check(text: str) -> str:
        if name(text).casefold() == taken.casefold():
            raise NotGood(f"{taken} is the other company. Each needs a name of its own.")
        return text

    return check


def yes_or_no(text: str) -> str:
    if text.casefold() in ("y", "yes", "true", "1"):
        return "yes"
    if text.casefold() in ("n", "no", "false", "0"):
        return "no"
    raise NotGood("Write yes or no.")


def platform(text: str) -> str:
    match text.casefold():
        case "slack":
            return Platform.SLACK
        case "teams" | "microsoft teams" | "ms teams":
            return Platform.TEAMS
        case _:
            raise NotGood("Write slack or teams.")


def zone(text: str) -> str:
    """A time zone; for one that is none, those that sound like it are named."""
    try:
        WorkingCalendar(text)
    except BadCalendar as bad:
        near = ", ".join(_zones_like(text))
        raise NotGood(f"{bad.sentence}{f' Did you mean {near}?' if near else ''}") from None
    return text


def _zones_like(text: str) -> list[str]:
    known = sorted(available_timezones())
    wanted = text.strip().replace(" ", "_").casefold()
    cities = {zone.rpartition("/")[2].casefold(): zone for zone in known if "/" in zone}
    exact = [zone for zone in known if zone.casefold() == wanted]
    return exact or [cities[city] for city in get_close_matches(wanted, cities, n=3, cutoff=0.8)]


def country(text: str) -> str:
    """A country whose public holidays are kept, with its part or without: "DE", "DE-BW"; "" keeps none."""
    code = text.upper().replace(" ", "-")
    try:
        WorkingCalendar("UTC", country=code.partition("-")[0], subdivision=code.partition("-")[2])
    except BadCalendar as bad:
        raise NotGood(f'{bad.sentence} Both together are written "DE-BW".') from None
    return code


def hours(text: str) -> str:
    """Working hours, "09:00-17:00"; "9-17" is understood."""
    found = re.fullmatch(r"(\d{1,2})(?::(\d\d))?\s*[-–]\s*(\d{1,2})(?::(\d\d))?", text)
    if found is None:
        raise NotGood("Write opening and closing in local time, as in 09:00-17:00.")
    opens, closes = (int(found[1]), int(found[2] or 0)), (int(found[3]), int(found[4] or 0))
    if any(hour > 23 or minute > 59 for hour, minute in (opens, closes)):
        raise NotGood("An hour goes to 23, a minute to 59.")
    if closes <= opens:
        raise NotGood("Closing must be later than opening.")
    return f"{opens[0]:02}:{opens[1]:02}-{closes[0]:02}:{closes[1]:02}"


def public_url(text: str) -> str:
    """The public address, or "" for none yet."""
    address = text.rstrip("/")
    if not address:
        return ""
    parts = urlsplit(address) if is_address(address) else None
    if parts is None or parts.scheme != "https":
        raise NotGood("Slack and Teams call https addresses alone. Write it whole: https://liaison.example.com")
    if parts.query or parts.fragment:
        raise NotGood("Leave out what follows the ? or the #.")
    if is_loopback(parts.hostname or ""):
        raise NotGood("That is this machine itself: nobody else can call it.")
    return address


def database(text: str) -> str:
    from storage.engine import parse_url

    try:
        url = parse_url(text)
    except ValueError as bad:
        raise NotGood(f"That is no address of a database: {bad}.") from None
    if url.drivername.startswith("sqlite") and url.database in (None, "", ":memory:"):
        raise NotGood("A database in memory would be lost at the end. Name a file: sqlite:///liaison.db")
    return text


def token(prefix: str) -> Check:
    """A token of Slack's that begins so, or "" for none yet."""

    def check(text: str) -> str:
        if not text or text.startswith(prefix):
            return _pasted(text)
        kind = next((kind for known, kind in _TOKENS.items() if text.startswith(known)), None)
        raise NotGood(f"{_TOKENS[prefix].capitalize()} begins with {prefix}; this is {kind or 'something else'}.")

    return check


def secret(text: str) -> str:
    """Something pasted, or "" for nothing yet."""
    if text.startswith(tuple(_TOKENS)):
        raise NotGood("This is a token; what is asked for here is another value.")
    return _pasted(text)


def _pasted(text: str) -> str:
    if re.search(r"\s", text) or not text.isascii():
        raise NotGood("There is a space or a strange letter in it. Copy it anew.")
    return text


def guid(what: str) -> Check:
    """An id of Microsoft's, or "" for none yet."""

    def check(text: str) -> str:
        if text and not is_guid(text):
            raise NotGood(f"{what} looks like 11111111-2222-3333-4444-555555555555.")
        return text.lower()

    return check


def slack_id(what: str, letters: str, example: str) -> Check:
    """An id of Slack's that begins with one of the letters, or "" for none yet."""

    def check(text: str) -> str:
        if text and not re.fullmatch(rf"[{letters}][A-Z0-9]{{2,}}", text):
            raise NotGood(f"{what} looks like {example}: a capital {' or '.join(letters)}, then capitals and digits.")
        return text

    return check


def key_of(text: str, fallback: str, taken: Iterable[str] = ()) -> str:
    """A short name for a file, made from a name: "Zoë Müller" becomes "zoe-muller"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    wanted = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:20].strip("-") or fallback
    held = set(taken)
    return next(key for n in range(1, len(held) + 2) if (key := wanted if n == 1 else f"{wanted}-{n}") not in held)
