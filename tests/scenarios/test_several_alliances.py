"""One installation, several alliances: two Slack workspaces and two Teams tenants side by side."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
import yaml
from typer.testing import CliRunner

from alliance.roster import Platform, Roster
from bot.alliance_cli import imported
from bot.charter_file.checking import check
from bot.workspace_cli import app as workspace_cli
from handlers.dispatch import ChatIdentity
from sandbox.seats import Seat, Seen, SlackSeat, TeamsSeat
from sandbox.stage import ALLIANCE_FILE, START
from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.slow

TEAM, TENANT, TOKEN, BOT = "T0NO", "6e6f7274-6800-4000-8000-000000000000", "xoxb-north", "U0NOLIAISON"
RENAMED = {
    "key: dc-mc": "key: north",
    "DC and MC service launch": "North and South",
    "T0DC": TEAM,
    "C0DCALLY": "C0NOALLY",
    "U0DC": "U0NO",
    "6d632d73-7475-7474-6761-727400000000": TENANT,
    "6d6300": "6e6f00",
    "19:dcmcalliance@": "19:northsouth@",
}


def second_file() -> bytes:
    """The sample alliance again, of other companies with workspaces of their own."""
    text = ALLIANCE_FILE.read_text(encoding="utf-8")
    for old, new in RENAMED.items():
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


@dataclass
class Neighbours:
    """The first alliance's scene, and the seats of the second one's people by their keys."""

    scene: Scene
    seats: Mapping[str, Seat]

    async def rosters(self) -> dict[str, Roster]:
        async with self.scene.liaison.database.open_uow() as uow:
            return {roster.key: roster for roster in await uow.rosters.all()}

    async def press(self, key: str, action: str) -> None:
        """Press the newest button of the second alliance that does `action`."""
        seat = self.seats[key]
        offers = [(seen, button) for seen in seat.inbox() if (button := seen.button(action))]
        await seat.press(*offers[-1], {})
        await self.scene.timeline.settle()

    def inbox(self, key: str) -> list[Seen]:
        return self.seats[key].inbox()


@pytest.fixture
async def neighbours(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Neighbours:
    """Both alliances imported; the second one's workspaces connected as an operator does it."""
    seats = seated(scene)
    settings = scene.liaison.settings
    for name, value in scene.stage.settings().items():
        monkeypatch.setenv(f"LIAISON_{name.upper()}", value)
    monkeypatch.setenv("LIAISON_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("LIAISON_SECRET_KEY", settings.secret_key.get_secret_value())
    for arguments in (["add", "slack", TEAM, "--token", TOKEN], ["add", "teams", TENANT, "--name", "South"]):
        connected = await asyncio.to_thread(CliRunner().invoke, workspace_cli, arguments)
        assert connected.exit_code == 0, connected.output
    await import_file(scene, second_file())
    for key, seat in seats.items():
        if isinstance(seat, TeamsSeat):
            await scene.timeline.doing(install(scene, seat))
        assert key
    await scene.liaison.tick()
    await scene.timeline.settle()
    return Neighbours(scene, seats)


def seated(scene: Scene) -> dict[str, Seat]:
    described = yaml.safe_load(second_file())
    slack, teams = scene.stage.slack, scene.stage.teams
    slack.add_workspace(TEAM, "North", TOKEN, BOT)
    teams.add_tenant(TENANT, "South")
    seats: dict[str, Seat] = {}
    for key, person in described["people"].items():
        address = str(person["address"])
        if key.startswith("mc-"):
            teams.add_person(TENANT, address, person["name"], email=f"{key}@south.example", installed=False)
            seats[key] = TeamsSeat(teams, TENANT, address)
        else:
            slack.add_person(TEAM, address, person["name"], "America/Chicago", f"{key}@north.example")
            seats[key] = SlackSeat(slack, TEAM, address)
    slack.add_channel(TEAM, "C0NOALLY", "alliance", [BOT])
    teams.add_channel(TENANT, "19:southteam@thread.tacv2", "19:northsouth@thread.tacv2", "alliance")
    return seats


async def install(scene: Scene, seat: TeamsSeat) -> None:
    await scene.stage.teams.install(TENANT, seat.person)


async def import_file(scene: Scene, content: bytes) -> None:
    checked = check(content)
    assert checked.document is not None, checked.problems
    await imported(scene.liaison.database.open_uow, checked.document, now=scene.liaison.clock.now())


async def test_each_alliance_goes_its_own_way_and_neither_sees_the_other(neighbours: Neighbours) -> None:
    scene = neighbours.scene
    first_before = len(scene.person("dc-dana").seat.inbox())

    await neighbours.press("dc-cleo", "charter.propose")
    await neighbours.press("dc-dana", "charter.sign")
    await neighbours.press("mc-mara", "charter.sign")
    first_meanwhile = len(scene.person("dc-dana").seat.inbox())
    await scene.sign()
    await scene.timeline.run_until(START + dt.timedelta(days=1, hours=2))

    rosters = await neighbours.rosters()
    async with scene.liaison.database.open_uow() as uow:
        in_force = {key: await uow.charters.in_force(roster.alliance_id) for key, roster in rosters.items()}
    assert first_meanwhile == first_before
    assert set(rosters) == {"dc-mc", "north"}
    assert all(in_force.values())
    for asked in (scene.person("mc-jonas").seat.inbox(), neighbours.inbox("mc-jonas")):
        assert len([seen for seen in asked if seen.button("checkin.answer")]) == 1
    names = {key: str(roster.alliance_id) for key, roster in rosters.items()}
    for seen in neighbours.inbox("dc-dana"):
        assert all(names["dc-mc"] != button.token.split(".")[3] for button in seen.buttons)


async def test_a_button_of_the_other_alliance_is_refused(neighbours: Neighbours) -> None:
    scene = neighbours.scene
    await scene.press("dc-cleo", "charter.propose")
    _, button = scene.sees("dc-dana", "charter.sign")
    executive_next_door = ChatIdentity(Platform.SLACK, TEAM, "U0NODANA")

    answer = await scene.liaison.desk.pressed(executive_next_door, button.token, {}, key="p1")

    here = (await neighbours.rosters())["dc-mc"].alliance_id
    async with scene.liaison.database.open_uow() as uow:
        assert dict((await uow.charters.get(here, 1)).signatures) == {}
    assert answer.refused


async def test_somebody_in_two_alliances_says_which_one_they_mean(scene: Scene) -> None:
    text = ALLIANCE_FILE.read_text(encoding="utf-8").replace("key: dc-mc", "key: second", 1)
    await import_file(scene, text.encode())
    await scene.liaison.tick()
    await scene.timeline.settle()
    heard = []

    for key in ("dc-ana", "mc-jonas"):
        for words in ("status", "in second status", "in dc-mc status", "in third status"):
            await scene.person(key).seat.say(words)
            await scene.timeline.settle()
            heard.append(scene.person(key).seat.inbox()[-1].summary)

    for unclear, second, first, third in (heard[:4], heard[4:]):
        assert "several alliances" in unclear
        assert "second" in unclear
        assert "dc-mc" in unclear
        assert "not in an alliance called" in third
        assert "alliances" not in second + first
