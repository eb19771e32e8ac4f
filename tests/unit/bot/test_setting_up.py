"""What `liaison init` makes of answers: each check by itself, and the two files."""

import datetime as dt
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from alliance.roster import Platform, Tier
from bot.charter_file.checking import check
from bot.charter_file.convert import charter_of, enrolment_of
from bot.init_cli import VARIABLES
from bot.setting_up import alliance_file, checks, env_file
from bot.setting_up.answers import FILL_IN, UNKNOWN_WORKSPACE, Answers, Company, Person
from bot.setting_up.checks import Check, NotGood
from bot.settings import PREFIX, Settings

TODAY = dt.date(2026, 2, 2)
TENANT = "11111111-2222-3333-4444-555555555555"
DC = Company("dc", "DC", Platform.SLACK, "T0DC", "America/Chicago", "09:00-17:00", "US")
MC = Company("mc", "MC", Platform.TEAMS, TENANT, "Europe/Berlin", "08:00-17:30", "DE-BW")


def person(company: Company, tier: Tier, name: str) -> Person:
    key = f"{company.key}-{tier.replace(' ', '-')}"
    return Person(key, company.key, tier, name, tier, f"{FILL_IN}-{key}")


def answers(first: Company = DC, second: Company = MC, name: str = "Somebody") -> Answers:
    tiers = (Tier.ALLIANCE_MANAGER, Tier.EXECUTIVE, Tier.OPERATIONAL)
    people = tuple(person(company, tier, name) for company in (first, second) for tier in tiers)
    return Answers({}, f"{first.name} and {second.name}", (first, second), people)


# --- checks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "typed", "kept"),
    [
        (checks.platform, "Microsoft Teams", "teams"),
        (checks.platform, "SLACK", "slack"),
        (checks.yes_or_no, "Y", "yes"),
        (checks.country, "de bw", "DE-BW"),
        (checks.country, "", ""),
        (checks.hours, "9-17", "09:00-17:00"),
        (checks.hours, "8:30 – 17:30", "08:30-17:30"),
        (checks.public_url, "https://liaison.example.com/", "https://liaison.example.com"),
        (checks.public_url, "", ""),
        (checks.guid("An id"), TENANT.upper(), TENANT),
        (checks.token("xoxb-"), "", ""),
    ],
)
def test_an_answer_is_kept_in_one_spelling(check: Check, typed: str, kept: str) -> None:
    assert check(typed) == kept


@pytest.mark.parametrize(
    ("check", "typed", "says"),
    [
        (checks.name, "", "A name is needed"),
        (checks.name, "x" * 121, "at most 120 letters; these are 121"),
        (checks.name, "D\u202eC", "cannot be seen"),
        (checks.another_than("DC"), "dc", "a name of its own"),
        (checks.platform, "discord", "slack or teams"),
        (checks.zone, "berlin", "Did you mean Europe/Berlin?"),
        (checks.zone, "america/chicago", "Did you mean America/Chicago?"),
        (checks.zone, "Mars/Olympus", "unknown"),
        (checks.country, "XX", "DE-BW"),
        (checks.country, "DE-QQ", "No public holidays are known"),
        (checks.hours, "17-9", "Closing must be later"),
        (checks.hours, "9 to 5", "as in 09:00-17:00"),
        (checks.hours, "9-24", "An hour goes to 23"),
        (checks.public_url, "http://liaison.example.com", "https addresses alone"),
        (checks.public_url, "https://localhost", "this machine itself"),
        (checks.public_url, "https://x.example/?a=b", "what follows the ?"),
        (checks.database, "mysql://host/name", "mysql is not known here"),
        (checks.database, "sqlite://", "in memory would be lost"),
        (checks.token("xoxb-"), "xoxp-1", "A bot token begins with xoxb-; this is a user token."),
        (checks.token("xapp-"), "hello", "begins with xapp-; this is something else"),
        (checks.token("xoxb-"), "xoxb-1 xoxb-2", "a space or a strange letter"),
        (checks.secret, "xoxb-1", "This is a token"),
        (checks.guid("A tenant id"), "example.com", "A tenant id looks like"),
        (checks.slack_id("A member id", "UW", "U02ABCDEF"), "@ana", "looks like U02ABCDEF"),
    ],
)
def test_what_will_not_do_says_how_to_write_it(check: Check, typed: str, says: str) -> None:
    with pytest.raises(NotGood) as bad:
        check(typed)

    assert says in str(bad.value)


@given(st.text(max_size=60), st.lists(st.sampled_from(["dc", "dc-2", "first"])))
def test_a_key_can_be_made_of_any_name(name: str, taken: list[str]) -> None:
    key = checks.key_of(name, "first", taken)

    assert key not in taken
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 0 < len(key) <= 23


# --- alliance.yaml --------------------------------------------------------------------------------------


def test_the_file_to_start_from_passes_the_check_and_says_what_was_answered() -> None:
    checked = check(alliance_file.text(answers(), TODAY).encode())

    assert checked.problems == ()
    assert checked.document is not None
    enrolment, charter = enrolment_of(checked.document), charter_of(checked.document)
    assert [side.calendar.zone for side in enrolment.sides] == ["America/Chicago", "Europe/Berlin"]
    assert enrolment.sides[1].calendar.subdivision == "BW"
    assert charter.criteria[0].due == dt.date(2027, 2, 2)


@pytest.mark.parametrize(
    "name", ["Müller: & Söhne #1", '"Quoted" \\ back', "- dash", "{{x}}", "no", "שלום", "O'Brien", "x" * 120]
)
def test_no_name_breaks_the_file(name: str) -> None:
    first = replace(DC, name=name)
    named = answers(first, name=name)

    checked = check(alliance_file.text(replace(named, alliance=name), TODAY).encode())

    assert checked.problems == ()
    assert checked.document is not None
    assert checked.document.companies["dc"].name == name
    assert checked.document.people["dc-executive"].name == name


def test_two_companies_on_one_platform_and_nothing_known_pass_too() -> None:
    first, second = (
        replace(company, platform=Platform.TEAMS, workspace=UNKNOWN_WORKSPACE[Platform.TEAMS], country="")
        for company in (DC, MC)
    )
    given_up = answers(first, second)

    assert check(alliance_file.text(given_up, TODAY).encode()).problems == ()
    assert given_up.to_fill_in() == [
        "the workspace of DC",
        "the workspace of MC",
        "6 addresses that begin with FILL-IN",
    ]


# --- .env ---------------------------------------------------------------------------------------------


def values(text: str) -> dict[str, str | None]:
    return dict(dotenv_values(stream=StringIO(text)))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40).filter(lambda text: "${" not in text))
def test_what_is_written_is_what_is_read(secret: str) -> None:
    written = {f"{PREFIX}DATABASE_URL": secret, f"{PREFIX}SECRET_KEY": "k"}

    assert values(env_file.text(written)) == written


def test_what_is_not_asked_about_stays_with_its_comments() -> None:
    before = "# mine\nLIAISON_PORT=9000\nexport LIAISON_PUBLIC_URL=https://old.example\nOTHER=1\n"

    text = env_file.text({f"{PREFIX}PUBLIC_URL": "https://new.example", f"{PREFIX}SECRET_KEY": "k"}, before)

    assert text.splitlines() == [
        "# mine",
        "LIAISON_PORT=9000",
        "LIAISON_PUBLIC_URL=https://new.example",
        "OTHER=1",
        "LIAISON_SECRET_KEY=k",
    ]


def test_every_variable_that_is_asked_about_is_a_setting_and_explained(tmp_path: Path) -> None:
    assert {variable.removeprefix(PREFIX).lower() for variable in VARIABLES} <= set(Settings.model_fields)
    text = env_file.text(dict.fromkeys(VARIABLES, ""))
    (tmp_path / ".env").write_text(text)

    assert text.count("\n# ") == len(VARIABLES) + 1
    assert "new,old here" in text
