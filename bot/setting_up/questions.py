"""The questions in their order: the two companies, the installation, each chat, calendars, first people."""

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from alliance.calendar import NeverOpenTogether, WorkingCalendar, joint_minutes_per_week
from alliance.roster import Platform, Tier
from bot.charter_file.company_checks import LEAST_JOINT_MINUTES
from bot.charter_file.convert import time_of
from bot.setting_up import checks
from bot.setting_up.answers import FILL_IN, UNKNOWN_WORKSPACE, Answers, Company, Person
from bot.setting_up.checks import Check, NotGood
from bot.setting_up.connections import Connections
from bot.setting_up.interview import Interview
from bot.settings import PREFIX
from storage.seal import SHORTEST, keys_of

SIDES = ("first", "second")
_USUAL = {"first": Platform.SLACK, "second": Platform.TEAMS}
TIERS = {
    Tier.ALLIANCE_MANAGER: ("alliance manager", "alliance"),
    Tier.EXECUTIVE: ("executive who may sign", "sponsor"),
    Tier.OPERATIONAL: ("member of the working team", "working team"),
}
"""Whom each company needs at least: what to call them in a question, and the responsibility they get."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A company before its calendar is asked for."""

    side: str
    key: str
    name: str
    platform: Platform


def questions(interview: Interview, before: Mapping[str, str], *, offline: bool) -> Answers:
    """Ask everything; `before` is what the settings held until now, by variable. Nothing is written."""
    interview.say("Two companies form an alliance. First, who they are.", "")
    companies = _companies(interview)
    both = f"{companies[0].name} and {companies[1].name}"
    alliance = interview.ask("--alliance", "What is the alliance called?", checks.name, default=both)
    connections = Connections(interview, before, offline=offline)
    settings = _installation(interview, before)
    platforms = {company.platform for company in companies}
    if Platform.SLACK in platforms:
        settings |= connections.slack(socket_mode=_by_socket(interview, settings, platforms))
    if Platform.TEAMS in platforms:
        settings |= connections.teams()
    interview.say("", "Now when each company works. Escalations count time only while both do.", "")
    whole = _with_calendars(interview, companies, connections.workspaces)
    people = _people(interview, whole)
    return Answers(settings, alliance, whole, people)


# --- who, and where it runs ---------------------------------------------------------------------------


def _companies(interview: Interview) -> tuple[_Named, ...]:
    found: list[_Named] = []
    for side in SIDES:
        check = checks.another_than(found[0].name) if found else checks.name
        name = interview.ask(f"--{side}", f"The {side} company's name?", check)
        words = f"Where does {name or 'it'} chat, slack or teams?"
        platform = interview.ask(f"--{side}-platform", words, checks.platform, default=_USUAL[side])
        key = checks.key_of(name, side, [company.key for company in found])
        found.append(_Named(side, key, name, Platform(platform)))
    return tuple(found)


def _installation(interview: Interview, before: Mapping[str, str]) -> dict[str, str]:
    interview.say("", "Where the liaison runs.", "")
    database, key, address = f"{PREFIX}DATABASE_URL", f"{PREFIX}SECRET_KEY", f"{PREFIX}PUBLIC_URL"
    usual = before.get(database) or "sqlite:///liaison.db"
    interview.say("The database: a file, or a PostgreSQL server (postgresql://user:password@host/name).")
    settings = {database: interview.ask("--database-url", "Database?", checks.database, default=usual)}
    interview.say("The https address at which Slack and Teams will call. Leave it empty if you have none yet.")
    words = "Public address?"
    settings[address] = interview.ask("--public-url", words, checks.public_url, default=before.get(address, ""))
    held = before.get(key, "")
    if keys_of(held) and all(len(one) >= SHORTEST for one in keys_of(held)):
        interview.say("The secret key that is there is kept: it opens the tokens that are stored.")
        settings[key] = held
    else:
        interview.say("A secret key was made. It seals stored tokens; keep a copy where you keep passwords.")
        settings[key] = secrets.token_urlsafe(32)
    return settings


def _by_socket(interview: Interview, settings: Mapping[str, str], platforms: set[Platform]) -> bool:
    """Whether Slack is to be reached by Socket Mode: proposed where nobody can call from outside."""
    lonely = not settings[f"{PREFIX}PUBLIC_URL"] and platforms == {Platform.SLACK}
    interview.say(
        "", "Slack. It calls your public address; or, where it cannot, the liaison connects to it (Socket Mode)."
    )
    return interview.agrees("--socket-mode", "Use Socket Mode?", default=lonely)


# --- calendars ------------------------------------------------------------------------------------------


def _with_calendars(
    interview: Interview, companies: tuple[_Named, ...], known: Mapping[Platform, str]
) -> tuple[Company, ...]:
    while True:
        whole = tuple(
            _company(interview, company, known if is_first else {}) for company, is_first in _first_there(companies)
        )
        if interview.problems:
            return whole
        minutes = _joint_minutes(*whole)
        if minutes >= LEAST_JOINT_MINUTES:
            interview.say(f"  The two are at work together for {minutes / 300:.1f} hours on an ordinary day.")
            return whole
        problem = (
            f"The two companies work at the same time for {minutes} minutes a week; escalations need at least "
            f"{LEAST_JOINT_MINUTES}. Widen the hours of one of them."
        )
        if not interview.asks:
            interview.problems.append(f"--first-hours, --second-hours: {problem}")
            return whole
        interview.say(f"  {problem}", "")
        interview.given = {option: text for option, text in interview.given.items() if not option.endswith("-hours")}


def _first_there(companies: tuple[_Named, ...]) -> Iterator[tuple[_Named, bool]]:
    """Each company, and whether it is the first on its platform: the workspace of the token is proposed to that one."""
    seen: set[Platform] = set()
    for company in companies:
        yield company, company.platform not in seen
        seen.add(company.platform)


def _company(interview: Interview, company: _Named, known: Mapping[Platform, str]) -> Company:
    side, name = company.side, company.name
    zone = interview.ask(f"--{side}-zone", f"{name}: time zone, as in Europe/Berlin?", checks.zone)
    hours = interview.ask(f"--{side}-hours", f"{name}: working hours?", checks.hours, default="09:00-17:00")
    words = f"{name}: country whose public holidays are kept, as in US or DE-BW (empty: none)?"
    country = interview.ask(f"--{side}-country", words, checks.country)
    workspace = interview.ask(
        f"--{side}-workspace",
        f"{name}: {_workspace_words(company.platform)}",
        _workspace_check(company.platform),
        default=known.get(company.platform, ""),
    )
    filled = workspace or UNKNOWN_WORKSPACE[company.platform]
    return Company(company.key, name, company.platform, filled, zone, hours, country)


def _workspace_words(platform: Platform) -> str:
    if platform is Platform.SLACK:
        return "id of its Slack workspace, T… (empty: later)?"
    return "id of its Microsoft tenant (empty: later)?"


def _workspace_check(platform: Platform) -> Check:
    if platform is Platform.SLACK:
        return checks.slack_id("A workspace id", "TE", "T02ABCDEF")
    return checks.guid("A tenant id")


def _joint_minutes(first: Company, second: Company) -> int:
    try:
        return joint_minutes_per_week(_calendar(first), _calendar(second))
    except NeverOpenTogether:
        return 0


def _calendar(company: Company) -> WorkingCalendar:
    opens, _, closes = company.hours.partition("-")
    return WorkingCalendar(company.zone, opens=time_of(opens), closes=time_of(closes))


# --- people -----------------------------------------------------------------------------------------------


def _people(interview: Interview, companies: tuple[Company, ...]) -> tuple[Person, ...]:
    interview.say(
        "",
        "The first people: of each company an alliance manager, an executive who may sign, and one of the team.",
        "Their id on the chat platform may stay empty for now.",
        "",
    )
    people: list[Person] = []
    for side, company in zip(SIDES, companies, strict=True):
        for tier in TIERS:
            near = {other.key for other in companies if _chat(other) == _chat(company)}
            people.append(_person(interview, side, company, tier, others=people, near=near))
    return tuple(people)


def _chat(company: Company) -> tuple[Platform, str]:
    return company.platform, company.workspace


def _person(
    interview: Interview, side: str, company: Company, tier: Tier, *, others: list[Person], near: Collection[str]
) -> Person:
    """`near` are the companies that chat in the same workspace: ids there are taken for both."""
    who, responsibility = TIERS[tier]
    option = f"--{side}-{tier.replace(' ', '-')}"
    usual = "" if interview.asks else f"{who.capitalize()} of {company.name}"
    name = interview.ask(option, f"{company.name}: name of the {who}?", checks.name, default=usual)
    taken = [other.key for other in others]
    key = checks.key_of(f"{company.key[:18]} {name.split()[0] if name else who}", who, taken)
    words = f"  {_address_words(company.platform)}"
    address = interview.ask(
        f"{option}-id", words, _address_check(company, [other for other in others if other.company in near])
    )
    return Person(key, company.key, tier, name, responsibility, address or f"{FILL_IN}-{key}")


def _address_words(platform: Platform) -> str:
    if platform is Platform.SLACK:
        return "their member id (in Slack: profile, Copy member ID)?"
    return "their object id (in Entra: Users)?"


def _address_check(company: Company, others: list[Person]) -> Check:
    shape = (
        checks.slack_id("A member id", "UW", "U02ABCDEF")
        if company.platform is Platform.SLACK
        else checks.guid("An object id")
    )

    def check(text: str) -> str:
        address = shape(text)
        holder = next((other for other in others if other.address == address), None)
        if holder is not None:
            raise NotGood(f"{holder.name} has this id already.")
        return address

    return check
