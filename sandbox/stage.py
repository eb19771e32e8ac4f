"""The stage: the sample alliance's two companies in local stand-ins, DC on Slack and MC on Teams, everybody seated."""

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.clock import MovableClock
from sandbox.people import Teammate, character_of
from sandbox.seats import Seat, SlackSeat, TeamsSeat
from sandbox.slack import SlackStandIn
from sandbox.teams import TeamsStandIn

ALLIANCE_FILE = Path(__file__).parent / "alliance.yaml"
START = dt.datetime(2026, 2, 2, 15, 0, tzinfo=dt.UTC)
"""A Monday: nine in the morning in Chicago, four in the afternoon in Stuttgart."""

BOT_TOKEN = "xoxb-sandbox-0001"
BOT_USER = "U0LIAISON"
SIGNING_SECRET = "sandbox-signing-secret"
APP_ID = "6c696169-736f-4e00-8000-000000000001"
APP_PASSWORD = "sandbox-app-password"


@dataclass(frozen=True, slots=True)
class Stage:
    """Both stand-ins, running, the people by their keys in alliance.yaml, and each company's alliance channel."""

    clock: MovableClock
    slack: SlackStandIn
    teams: TeamsStandIn
    people: Mapping[str, Teammate]
    slack_url: str
    teams_url: str
    team: str
    tenant: str
    channels: Mapping[str, str]

    def settings(self) -> dict[str, str]:
        """What points a liaison at this stage: the same settings that point it at the real platforms."""
        return {
            "slack_bot_token": BOT_TOKEN,
            "slack_signing_secret": SIGNING_SECRET,
            "slack_api_url": f"{self.slack_url}/api/",
            "teams_app_id": APP_ID,
            "teams_app_password": APP_PASSWORD,
            "teams_tenant_id": self.tenant,
            "teams_login_url": self.teams_url,
            "teams_openid_url": f"{self.teams_url}/v1/.well-known/openidconfiguration",
        }

    def connect(self, bot_url: str) -> None:
        """Tell both platforms where the bot listens."""
        self.slack.attach(f"{bot_url}/slack/events")
        self.teams.connect_bot(f"{bot_url}/api/messages")

    async def install_on_teams(self) -> None:
        """Everybody at MC adds the liaison, the alliance manager, to whom the draft goes, first."""
        for person in sorted(self.people.values(), key=lambda person: person.tier != "alliance manager"):
            if isinstance(person.seat, TeamsSeat):
                await self.teams.install(self.tenant, person.seat.person)


@asynccontextmanager
async def staged(seed: int, start: dt.datetime = START) -> AsyncIterator[Stage]:
    """Set the stage and run both stand-ins on free local ports."""
    described: dict[str, Any] = yaml.safe_load(ALLIANCE_FILE.read_text(encoding="utf-8"))
    clock = MovableClock(start)
    slack = SlackStandIn(clock=clock, signing_secret=SIGNING_SECRET)
    companies = described["companies"]
    team, tenant = (str(companies[key]["workspace"]["id"]) for key in ("dc", "mc"))
    channels = {key: str(company["channel"]) for key, company in companies.items()}
    teams = TeamsStandIn(clock=clock, app_id=APP_ID, app_password=APP_PASSWORD, home_tenant_id=tenant)
    people = seated(described, slack, teams, seed)
    slack_url = (await slack.start()).rstrip("/").removesuffix("/api")
    teams_url = (await teams.start()).rstrip("/")
    try:
        yield Stage(clock, slack, teams, people, slack_url, teams_url, team, tenant, channels)
    finally:
        await slack.stop()
        await teams.stop()


def seated(described: dict[str, Any], slack: SlackStandIn, teams: TeamsStandIn, seed: int) -> Mapping[str, Teammate]:
    """Put both companies into the stand-ins as the described alliance has them; returns the people by their keys."""
    companies = described["companies"]
    team, tenant = str(companies["dc"]["workspace"]["id"]), str(companies["mc"]["workspace"]["id"])
    slack.add_workspace(team, "DC", BOT_TOKEN, BOT_USER)
    teams.add_tenant(tenant, "MC")
    people: dict[str, Teammate] = {}
    for key, person in described["people"].items():
        address, company = str(person["address"]), str(person.get("company") or "dc")
        zone = str(companies[company]["calendar"]["zone"])
        platform = person.get("platform") or companies[company]["workspace"]["platform"]
        email = f"{key.partition('-')[2] or key}@{company}.example"
        seat: Seat
        if platform == "slack":
            slack.add_person(team, address, person["name"], zone, email)
            seat = SlackSeat(slack, team, address)
        else:
            teams.add_person(tenant, address, person["name"], email=email, timezone=zone, installed=False)
            seat = TeamsSeat(teams, tenant, address)
        people[key] = Teammate(
            key=key,
            name=str(person["name"]),
            side=str(person.get("company") or ""),
            tier=str(person["tier"]),
            zone=zone,
            seat=seat,
            character=character_of(key, seed),
            seed=seed,
        )
    _channels(companies, slack, teams, people)
    return people


def _channels(
    companies: dict[str, Any], slack: SlackStandIn, teams: TeamsStandIn, people: Mapping[str, Teammate]
) -> None:
    team, tenant = str(companies["dc"]["workspace"]["id"]), str(companies["mc"]["workspace"]["id"])
    on_slack = [person.seat.user for person in people.values() if isinstance(person.seat, SlackSeat)]
    on_teams = [person.seat.person for person in people.values() if isinstance(person.seat, TeamsSeat)]
    slack.add_channel(team, str(companies["dc"]["channel"]), "alliance", [BOT_USER, *on_slack])
    teams.add_channel(tenant, "19:team@thread.tacv2", str(companies["mc"]["channel"]), "alliance", members=on_teams)
