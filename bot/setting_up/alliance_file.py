"""The alliance.yaml to start from: everything that was answered, and a charter to write further."""

import datetime as dt
import json

from alliance.roster import Tier
from bot.setting_up.answers import Answers, Company, Person

_YEAR = dt.timedelta(days=365)


def text(answers: Answers, today: dt.date) -> str:
    """The file; it passes `liaison alliance check` as it is. Dates in it lie a year after `today`."""
    first, second = answers.companies
    companies = "".join(_company(company) for company in answers.companies)
    people = "".join(_person(person) for person in answers.people)
    return f"""\
# The alliance of {_plain(first.name)} and {_plain(second.name)}, to start from. Write it further, then:
#   liaison alliance check alliance.yaml
#   liaison alliance import alliance.yaml
# Companies and people take effect with the import; the charter once an executive of each company has signed it.
# Every field is explained in docs/reference/alliance-yaml.md.

alliance:
  key: {_key(first, second)}  # its short name on the command line; it never changes
  name: {_said(answers.alliance)}

companies:
{companies}
# Add everybody: a person with the same responsibility on the other side is their counterpart, and 5 people of a
# side have to answer a pulse before its scores are shown.
people:
{people}
{_charter(answers, today)}"""


def _key(first: Company, second: Company) -> str:
    return f"{first.key[:19]}-{second.key[:19]}"


def _company(company: Company) -> str:
    opens, _, closes = company.hours.partition("-")
    country, _, subdivision = company.country.partition("-")
    part = f"\n      subdivision: {_said(subdivision)}" if subdivision else ""
    holidays = (
        f"      country: {_said(country)}{part}\n" if country else "      # country: whose public holidays are kept\n"
    )
    return f"""\
  {company.key}:
    name: {_said(company.name)}
    workspace:
      platform: {company.platform}
      id: {_said(company.workspace)}
    # channel: the id of the company's own alliance channel, for summaries
    calendar:
      zone: {company.zone}
      workdays: [Monday, Tuesday, Wednesday, Thursday, Friday]
      opens: {_said(opens)}
      closes: {_said(closes)}
{holidays}"""


def _person(person: Person) -> str:
    return f"""\
  {person.key}:
    name: {_said(person.name)}
    company: {person.company}
    tier: {person.tier}
    responsibility: {_said(person.responsibility)}
    address: {_said(person.address)}
"""


def _both(answers: Answers, tier: Tier) -> str:
    """For each company the person of that tier, as a field of owners or deciders."""
    held = {person.company: person.key for person in answers.people if person.tier is tier}
    return ", ".join(f"{company.key}: {held[company.key]}" for company in answers.companies)


def _charter(answers: Answers, today: dt.date) -> str:
    first, second = answers.companies
    due = (today + _YEAR).isoformat()
    return f"""\
# What both companies agree. These are proposals: write your own, above all where it says so.
charter:
  purpose: Write here in two sentences what the alliance is for.
  why_it_matters:
    {first.key}: {_said(f"Write here why it matters to {first.name}.")}
    {second.key}: {_said(f"Write here why it matters to {second.name}.")}
  joint_goals:
    - Write here what both want to reach together.
  criteria:
    - key: first-result
      name: Write here how you will know that it works
      unit: customers
      target: 10
      direction: higher
      due: {due}
      owners: {{{_both(answers, Tier.ALLIANCE_MANAGER)}}}
  decisions:
    - area: Budget
      deciders: {{{_both(answers, Tier.EXECUTIVE)}}}
  protocol:
    levels:
      - {{who: counterparts, acknowledge: 1d, resolve: 5d}}
      - {{who: managers, acknowledge: 1d, resolve: 5d}}
      - {{who: alliance managers, acknowledge: 1d, resolve: 10d}}
      - {{who: executives, acknowledge: 1d, resolve: 20d}}
  checkins:
    rule: FREQ=WEEKLY;BYDAY=TU
    at: "10:00"
    answer_within: 2
  pulses:
    rule: FREQ=WEEKLY;INTERVAL=2;BYDAY=WE
    at: "10:00"
    answer_within: 3
    minimum_answers: 5
  checkpoints:
    rule: FREQ=MONTHLY;INTERVAL=3;BYDAY=2WE
  digest:
    weekday: Monday
    at: "08:00"
  exit_terms: >
    Either company may leave with 60 days' notice in writing. Each keeps what it brought, and what was built together
    may be used by both.
  sign_within_days: 10
"""


def _said(words: str) -> str:
    """Words of theirs, quoted so that nothing in them is read as YAML."""
    return json.dumps(words, ensure_ascii=False)


def _plain(words: str) -> str:
    """Words of theirs in a comment."""
    return " ".join(words.split())
