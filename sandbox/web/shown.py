"""What the page gets as JSON: plain dictionaries made of the session."""

import datetime as dt
from dataclasses import asdict

from alliance.calendar import NeverOpen, hours_of, is_open, local_date, next_open
from sandbox.people import Kind, Teammate
from sandbox.seats import SlackSeat
from sandbox.web.backstage import AuditLine, Company
from sandbox.web.session import Session
from sandbox.web.window import Json, Outcome, PlaceName, ShownDialog, ShownMessage

CHARACTERS = {
    Kind.PROMPT: "answers within the hour or two, and is content",
    Kind.SLOW: "takes half a day or a day",
    Kind.SILENT: "answers nothing",
    Kind.UNHAPPY: "answers soon, and rates low",
}


async def state(session: Session) -> Json:
    await session.follow()
    return {
        "version": session.version,
        "clock": await clock(session),
        "people": [person(session, one) for one in session.stage.people.values()],
        "characters": [{"key": kind.value, "says": says} for kind, says in CHARACTERS.items()],
        "tour": {"steps": session.tour.progress()},
    }


async def clock(session: Session) -> Json:
    due, words = await _next(session)
    now = session.stage.clock.now()  # after the wait, so that it is of the same moment as `stepping`
    return {
        "now": stamp(now),
        "next_due": stamp(due),
        "what_is_next": words,
        "playing": session.clockwork.is_playing,
        "stepping": session.clockwork.is_stepping,
        "teammates": session.teammates,
        "companies": [_company(company, now) for company in session.backstage.companies],
    }


async def _next(session: Session) -> tuple[dt.datetime | None, str | None]:
    promised, act = await session.backstage.due(), session.agenda.next_at()
    if act is not None and (promised is None or act <= promised.at):
        somebody = session.stage.people[(session.agenda.next_name() or "").partition(" ")[0]]
        return act, f"{somebody.name} looks at the chat"
    return (promised.at, promised.words) if promised is not None else (None, None)


def _company(company: Company, now: dt.datetime) -> Json:
    calendar = company.calendar
    opened = is_open(calendar, now)
    hours = hours_of(calendar, local_date(now, calendar.zone))
    try:
        changes = hours[1] if opened and hours is not None else next_open(calendar, now)
    except NeverOpen:
        changes = None
    return {
        "key": company.key,
        "name": company.name,
        "platform": company.platform,
        "zone": calendar.zone,
        "is_open": opened,
        "changes_at": stamp(changes),
    }


def person(session: Session, somebody: Teammate) -> Json:
    window = session.windows[somebody.key]
    places: tuple[PlaceName, PlaceName] = ("dm", "channel")
    return {
        "key": somebody.key,
        "name": somebody.name,
        "company": somebody.side,
        "platform": "slack" if isinstance(somebody.seat, SlackSeat) else "teams",
        "address": somebody.seat.user if isinstance(somebody.seat, SlackSeat) else "",
        "tier": somebody.tier,
        "zone": somebody.zone,
        "character": somebody.character.kind.value,
        "is_played": somebody.key in session.played,
        "unread": {place: session.reading.unread(somebody.key, place, window.messages(place)) for place in places},
    }


async def place(session: Session, somebody: Teammate, name: PlaceName) -> Json:
    messages = await session.look(somebody, name)
    return {
        "person": somebody.key,
        "place": name,
        "messages": [message(one) | {"is_new": session.reading.is_new(somebody.key, name, one)} for one in messages],
        "dialogs": [dialog(one) for one in session.windows[somebody.key].dialogs()],
    }


def message(shown: ShownMessage) -> Json:
    return asdict(shown) | {"at": stamp(shown.at), "edited_at": stamp(shown.edited_at)}


def dialog(shown: ShownDialog) -> Json:
    return asdict(shown)


def outcome(result: Outcome) -> Json:
    return {
        "ok": result.ok,
        "text": result.text,
        "errors": dict(result.errors),
        "dialog": dialog(result.dialog) if result.dialog is not None else None,
    }


async def audit(session: Session, after: int) -> Json:
    entries = await session.backstage.audit(after)
    return {"entries": [_entry(entry) for entry in entries], "verified": await session.backstage.audit_holds()}


def _entry(entry: AuditLine) -> Json:
    return {
        "number": entry.number,
        "at": stamp(entry.at),
        "actor": entry.actor,
        "action": entry.event,
        "subject": entry.subject,
        "facts": dict(entry.facts),
        "details": dict(entry.details),
    }


def requests(session: Session, after: int) -> Json:
    return {
        "requests": [
            {
                "number": number,
                "at": stamp(exchange.at),
                "platform": exchange.platform,
                "direction": exchange.direction.value,
                "method": exchange.method,
                "name": exchange.name,
                "status": exchange.status,
                "request": exchange.request,
                "response": exchange.response,
            }
            for number, exchange in session.journal.after(after)
        ]
    }


def stamp(instant: dt.datetime | None) -> str | None:
    """An instant as the page reads it: ISO 8601, UTC."""
    return None if instant is None else instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
