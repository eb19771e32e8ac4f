"""Presses of "Send my answer", one by each member of a round, as Slack and Teams send them."""

import json
import random
import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import quote

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from alliance.items import ITEMS
from alliance.roster import Member, Platform
from bench.load import post
from bench.population import Place
from bot.actions.tokens import token
from bot.addresses import SLACK_PATH, TEAMS_PATH
from bot.messages.blocks import Actions, Button, Does, Message, TextBox
from bot.messages.catalog import word
from bot.messages.parts import Json
from bot.messages.reader import Reader
from bot.slack.render import render
from sandbox.slack import payloads
from sandbox.slack.blockkit import filled_in
from sandbox.slack.forms import find_slot, state_values
from sandbox.slack.sign import signature_headers
from sandbox.slack.state import Channel, Person, Workspace
from sandbox.slack.state import Message as Posted
from sandbox.stage import APP_ID, SIGNING_SECRET
from schedules.clock import SystemClock

KEY_ID = "bench"
FORM = "application/x-www-form-urlencoded"


def slack_answers(places: Sequence[Place], slack_url: str) -> list[bytes]:
    """Every Slack member's answer, in random order: signed now, with the message as it stands in their chat."""
    return [
        _signed(_slack_press(member, _pulse_message(place, member), _token(place), slack_url, _ratings(place, member)))
        for place, member in _each(places, Platform.SLACK)
    ]


def slack_button(member: Member, button: str, inputs: Mapping[str, str], slack_url: str) -> bytes:
    """One person's press of a button, with these texts beside it; signed now."""
    fields = tuple(TextBox(name, name) for name in inputs)
    shown = Message(summary="A card", blocks=(*fields, Actions((Button("Press", button, Does.SUBMIT),))))
    return _signed(_slack_press(member, _slack_message(member, shown), button, slack_url, inputs))


def teams_answers(places: Sequence[Place], key: rsa.RSAPrivateKey, service_url: str) -> list[bytes]:
    """Every Teams member's answer, in random order, each as an invoke with the token of the day."""
    header = {"Authorization": f"Bearer {teams_token(key, service_url)}", "Content-Type": "application/json"}
    return [
        post(TEAMS_PATH, header, json.dumps(_teams_press(place, member, service_url)).encode())
        for place, member in _each(places, Platform.TEAMS)
    ]


def teams_token(key: rsa.RSAPrivateKey, service_url: str) -> str:
    """What Microsoft sends with activities; it signs one for hours, not one for each."""
    now = int(SystemClock().now().timestamp())
    claims = {
        "iss": "https://api.botframework.com",
        "aud": APP_ID,
        "serviceurl": service_url,
        "nbf": now - 10,
        "exp": now + 3600,
    }
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": KEY_ID})


def _each(places: Sequence[Place], platform: Platform) -> list[tuple[Place, Member]]:
    everybody = [(place, member) for place in places for member in place.members_on(platform)]
    random.Random(5).shuffle(everybody)
    return everybody


def _ratings(place: Place, member: Member) -> dict[str, str]:
    chance = random.Random(f"{place.pulse.number} {member.id}")
    return {name: str(chance.randint(ITEMS[name].lowest, ITEMS[name].highest)) for name in place.pulse.items}


def _token(place: Place) -> str:
    return token("pulse.answer", place.roster.alliance_id, place.pulse.id)


# --- Slack ------------------------------------------------------------------------------------------


def _signed(press: Json) -> bytes:
    body = "payload=" + quote(json.dumps(press), safe="")
    proof = signature_headers(SIGNING_SECRET, int(SystemClock().now().timestamp()), body)
    return post(SLACK_PATH, {"Content-Type": FORM, **proof}, body.encode())


def _slack_press(member: Member, message: Posted, button: str, slack_url: str, inputs: Mapping[str, str]) -> Json:
    person = Person(member.address, member.name, "America/Chicago", f"{member.address}@dc.example", member.workspace)
    workspace = Workspace(member.workspace, member.workspace, "xoxb", "U0LIAISON", None)
    chat = Channel(channel_id=message.channel_id, name="directmessage", members=[member.address], created=0)
    filled = state_values(message.blocks, inputs)
    action = payloads.action_of(find_slot(message.blocks, button, None), {}, "1700000000.000100")
    pressed = payloads.block_actions(workspace, person, action, values=filled, trigger_id=uuid.uuid4().hex)
    answer_here = f"{slack_url}/actions/{member.workspace}/{member.address}/{uuid.uuid4().hex[:24]}"
    return pressed | payloads.in_message(chat, message, answer_here)


def _pulse_message(place: Place, member: Member) -> Posted:
    """The message that opened the round, as it stands in the person's chat."""
    side = member.side
    assert side is not None
    notice = place.opened(side, (member.id,))
    return _slack_message(member, word(notice, Reader(place.roster, member, side)))


def _slack_message(member: Member, message: Message) -> Posted:
    (shown,) = render(message)
    return Posted(
        team_id=member.workspace,
        channel_id=f"D{member.address[1:]}",
        ts=f"1700000000.{uuid.uuid4().int % 1_000_000:06}",
        user_id="U0LIAISON",
        text=shown.text,
        blocks=filled_in(list(shown.blocks), lambda: uuid.uuid4().hex[:5]),
        bot_id="B0LIAISON",
    )


# --- Teams ------------------------------------------------------------------------------------------


def _teams_press(place: Place, member: Member, service_url: str) -> Json:
    message = str(uuid.uuid4().int % 10**13)
    tenant = {"tenant": {"id": member.workspace}}
    now = SystemClock().now().isoformat(timespec="milliseconds")
    return {
        "type": "invoke",
        "name": "adaptiveCard/action",
        "id": f"f:{uuid.uuid4()}",
        "timestamp": now,
        "localTimestamp": now,
        "localTimezone": "Europe/Berlin",
        "serviceUrl": service_url,
        "channelId": "msteams",
        "from": {"id": f"29:{member.address}", "name": member.name, "aadObjectId": member.address},
        "conversation": {"id": f"a:{member.address}", "conversationType": "personal", "tenantId": member.workspace},
        "recipient": {"id": f"28:{APP_ID}", "name": "Alliance liaison"},
        "entities": [{"type": "clientInfo", "locale": "de-DE", "country": "DE", "platform": "Web"}],
        "channelData": {**tenant, "source": {"name": "message"}, "legacy": {"replyToId": message}},
        "locale": "de-DE",
        "replyToId": message,
        "value": {
            "action": {
                "type": "Action.Execute",
                "verb": _token(place),
                "data": {"token": _token(place), **_ratings(place, member)},
            },
            "trigger": "manual",
        },
    }
