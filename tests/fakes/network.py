"""A network of alliances of any size in both stand-ins: the sample alliance again and again, each side made larger."""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from sandbox.people import Teammate, character_of
from sandbox.seats import Seat, SlackSeat, TeamsSeat
from sandbox.slack import SlackStandIn
from sandbox.stage import ALLIANCE_FILE
from sandbox.teams import TeamsStandIn

BOT_USER = "U0LIAISON"


@dataclass(frozen=True, slots=True)
class Network:
    """Alliance files ready to import, the people by "alliance/key", and each Slack workspace's token."""

    files: tuple[bytes, ...]
    people: Mapping[str, Teammate]
    tokens: Mapping[str, str]
    tenants: tuple[str, ...]

    @property
    def alliances(self) -> list[str]:
        return [f"net{number}" for number in range(1, len(self.files) + 1)]


def network(slack: SlackStandIn, teams: TeamsStandIn, *, alliances: int, members: int, seed: int = 1) -> Network:
    """Put so many alliances into the stand-ins, with `members` people on each side, on a Slack and a Teams each."""
    described = [_described(number, members) for number in range(1, alliances + 1)]
    people: dict[str, Teammate] = {}
    tokens: dict[str, str] = {}
    for number, one in enumerate(described, start=1):
        team, tenant = _workspaces(one)
        tokens[team] = f"xoxb-network-{number}"
        slack.add_workspace(team, f"DC {number}", tokens[team], BOT_USER)
        teams.add_tenant(tenant, f"MC {number}")
        for key, person in one["people"].items():
            people[f"net{number}/{key}"] = _seated(key, person, slack, teams, team=team, tenant=tenant, seed=seed)
        slack.add_channel(team, str(one["companies"]["dc"]["channel"]), "alliance", [BOT_USER])
        channel = str(one["companies"]["mc"]["channel"])
        teams.add_channel(tenant, f"19:team{number}@thread.tacv2", channel, "alliance")
    files = tuple(yaml.safe_dump(one, sort_keys=False, allow_unicode=True).encode() for one in described)
    return Network(files, people, tokens, tuple(_workspaces(one)[1] for one in described))


def _workspaces(described: dict[str, Any]) -> tuple[str, str]:
    companies = described["companies"]
    return str(companies["dc"]["workspace"]["id"]), str(companies["mc"]["workspace"]["id"])


def _described(number: int, members: int) -> dict[str, Any]:
    """The sample alliance's file under other names, without its mediator, with more operational members."""
    text = ALLIANCE_FILE.read_text(encoding="utf-8")
    for old, new in {
        "key: dc-mc": f"key: net{number}",
        "T0DC": f"T0NET{number}",
        "C0DCALLY": f"C0NET{number}",
        "6d632d73-": f"6d632d{number:02}-",
        "19:dcmcalliance@": f"19:net{number}alliance@",
        "6d6300": f"6d63{number:02}",
        "U0DC": f"U{number}DC",
    }.items():
        text = text.replace(old, new)
    # Written anew, an unquoted hour would come out as a number of minutes.
    described: dict[str, Any] = yaml.safe_load(re.sub(r": (\d\d:\d\d)$", r": '\1'", text, flags=re.MULTILINE))
    people = described["people"]
    del people["nia"]
    for side, address in (("dc", f"U{number}DCMORE{{:04}}"), ("mc", f"6d63{number:02}ff-0000-4000-8000-{{:012}}")):
        example = people["dc-ana" if side == "dc" else "mc-jonas"]
        for extra in range(members - sum(key.startswith(side) for key in people)):
            more = copy.deepcopy(example)
            more |= {"name": f"Member {side} {extra}", "address": address.format(extra)}
            more["responsibility"] = f"task {extra}"
            people[f"{side}-more{extra}"] = more
    return described


def _seated(
    key: str, person: dict[str, Any], slack: SlackStandIn, teams: TeamsStandIn, *, team: str, tenant: str, seed: int
) -> Teammate:
    address, side = str(person["address"]), str(person["company"])
    zone = "America/Chicago" if side == "dc" else "Europe/Berlin"
    seat: Seat
    if side == "dc":
        slack.add_person(team, address, person["name"], zone, f"{address.lower()}@dc.example")
        seat = SlackSeat(slack, team, address)
    else:
        teams.add_person(tenant, address, person["name"], email=f"{address}@mc.example", timezone=zone, installed=False)
        seat = TeamsSeat(teams, tenant, address)
    character = character_of(key, seed)
    return Teammate(key, str(person["name"]), side, str(person["tier"]), zone, seat, character, seed)
