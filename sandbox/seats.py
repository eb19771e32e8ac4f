"""A person before their chat window: what they see there, and what they can do with it, on either platform.

Everything is read from the payloads that the bot sent, and every act is a signed request of the platform: a seat knows
nothing of the bot but what a person would see.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.slack import SlackStandIn
from sandbox.slack.state import Message as SlackMessage
from sandbox.slack.state import View
from sandbox.teams import TeamsStandIn
from sandbox.teams.people import Dialog
from sandbox.teams.state import Message as TeamsMessage

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SeenButton:
    """A button in sight; `token` is what it sends."""

    label: str
    token: str
    opens_dialog: bool = False

    @property
    def action(self) -> str:
        """What the token names: "pulse.answer", and for a dialog of an escalation "escalation.ask.decline"."""
        parts = self.token.split(".")
        named = ".".join(parts[1:3])
        return f"{named}.{parts[5]}" if named == "escalation.ask" and len(parts) > 5 else named

    @property
    def subject(self) -> str:
        """The id of what the button is about, after the alliance's."""
        parts = self.token.split(".")
        return parts[4] if len(parts) > 4 else ""


@dataclass(frozen=True, slots=True)
class SeenInput:
    """Something to fill in; `options` are the values to choose from, none for free text."""

    name: str
    options: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A message or a dialog as a person sees it; `place` is where the platform keeps it, `text` all that it says."""

    summary: str
    text: str
    buttons: tuple[SeenButton, ...]
    inputs: tuple[SeenInput, ...]
    place: SlackMessage | View | TeamsMessage | Dialog

    def button(self, action: str) -> SeenButton | None:
        """The first button that does `action`, if it is in sight."""
        return next((button for button in self.buttons if button.action == action), None)


class Refusal(Exception):
    """The bot said no, or a dialog came back with something to mend."""


class Seat(Protocol):
    """What a person can do."""

    def inbox(self) -> list[Seen]:
        """Every message of the bot in the personal chat, oldest first, as it stands now."""
        ...

    async def press(self, seen: Seen, button: SeenButton, inputs: Mapping[str, str]) -> Seen | None:
        """Press a button with what is filled in; returns the dialog that opened, if one did."""
        ...

    async def submit(self, dialog: Seen, inputs: Mapping[str, str]) -> None:
        """Fill in a dialog and send it; Refusal when it stays open."""
        ...

    async def say(self, text: str) -> None:
        """Write to the bot."""
        ...


class SlackSeat:
    """A member of a Slack workspace."""

    def __init__(self, slack: SlackStandIn, team_id: str, user_id: str) -> None:
        self._slack = slack
        self._team = team_id
        self.user = user_id

    def read(self, message: SlackMessage) -> Seen:
        """A message as this person sees it."""
        return _slack_seen(message)

    def inbox(self) -> list[Seen]:
        return [_slack_seen(message) for message in self._slack.inbox(self._team, self.user)]

    async def press(self, seen: Seen, button: SeenButton, inputs: Mapping[str, str]) -> Seen | None:
        assert isinstance(seen.place, SlackMessage | View)
        open_before = len(self._slack.views(self._team, self.user))
        delivered = await self._slack.press(
            self._team, self.user, seen.place, button.token, values=_known(seen, inputs)
        )
        if not delivered.is_taken:
            raise Refusal(f"{button.label}: {delivered.status} {delivered.body}")
        views = self._slack.views(self._team, self.user)
        return _slack_seen(views[-1]) if len(views) > open_before else None

    async def submit(self, dialog: Seen, inputs: Mapping[str, str]) -> None:
        assert isinstance(dialog.place, View)
        delivered = await self._slack.submit(self._team, self.user, dialog.place, _known(dialog, inputs))
        still_open = [view.view_id for view in self._slack.views(self._team, self.user)]
        if not delivered.is_taken or dialog.place.view_id in still_open:
            raise Refusal(f"{dialog.summary}: {delivered.status} {delivered.body}")

    async def say(self, text: str) -> None:
        await self._slack.say(self._team, self.user, text)


class TeamsSeat:
    """A person of a Teams tenant."""

    def __init__(self, teams: TeamsStandIn, tenant: str, person: str) -> None:
        self._teams = teams
        self._tenant = tenant
        self.person = person

    def read(self, message: TeamsMessage) -> Seen:
        """A message as this person sees it."""
        return _teams_seen(message, self.person)

    def inbox(self) -> list[Seen]:
        messages = self._teams.inbox(self._tenant, self.person)
        return [_teams_seen(message, self.person) for message in messages]

    async def press(self, seen: Seen, button: SeenButton, inputs: Mapping[str, str]) -> Seen | None:
        assert isinstance(seen.place, TeamsMessage)
        if button.opens_dialog:
            dialog = await self._teams.fetch_task(
                self._tenant, self.person, seen.place, {"token": button.token}, _known(seen, inputs)
            )
            if not dialog.is_open:
                raise Refusal(f"{button.label}: {dialog.text or dialog.http_status}")
            return _dialog_seen(dialog)
        answer = await self._teams.execute(self._tenant, self.person, seen.place, button.token, _known(seen, inputs))
        if not answer.ok:
            raise Refusal(f"{button.label}: {answer.text or answer.error or answer.status_code}")
        return None

    async def submit(self, dialog: Seen, inputs: Mapping[str, str]) -> None:
        assert isinstance(dialog.place, Dialog)
        after = await self._teams.submit_task(self._tenant, self.person, dialog.place, inputs=_known(dialog, inputs))
        if after.is_open:
            raise Refusal(f"{dialog.summary}: the dialog came back")

    async def say(self, text: str) -> None:
        await self._teams.say(self._tenant, self.person, text)


def _known(seen: Seen, inputs: Mapping[str, str]) -> dict[str, str]:
    """Only what there is to fill in, and nothing that is left empty."""
    names = {field.name for field in seen.inputs}
    return {name: value for name, value in inputs.items() if name in names and value}


# --- reading Slack ----------------------------------------------------------------------------------


def _slack_seen(place: SlackMessage | View) -> Seen:
    blocks = place.blocks or []
    buttons = [
        SeenButton(_label(element), str(element["action_id"]))
        for block in blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    ]
    inputs = [_slack_input(block) for block in blocks if block["type"] == "input"]
    summary = place.text if isinstance(place, SlackMessage) else str(place.body["title"]["text"])
    return Seen(summary, json.dumps(blocks), tuple(buttons), tuple(inputs), place)


def _label(element: Json) -> str:
    return str(element["text"]["text"])


def _slack_input(block: Json) -> SeenInput:
    options = tuple(str(option["value"]) for option in block["element"].get("options", ()))
    return SeenInput(str(block["block_id"]), options, required=not block.get("optional", False))


# --- reading Teams ----------------------------------------------------------------------------------


def _teams_seen(message: TeamsMessage, person: str) -> Seen:
    return _card_seen(message.summary or message.text, message.card_for(person) or {}, message)


def _dialog_seen(dialog: Dialog) -> Seen:
    return _card_seen(dialog.title or "", dialog.card or {}, dialog)


def _card_seen(summary: str, card: Json, place: TeamsMessage | Dialog) -> Seen:
    parts = list(_parts(card))
    buttons = [_teams_button(part) for part in parts if str(part.get("type", "")).startswith("Action.")]
    inputs = [_teams_input(part) for part in parts if str(part.get("type", "")).startswith("Input.")]
    return Seen(summary, json.dumps(card), tuple(button for button in buttons if button.token), tuple(inputs), place)


def _parts(value: object) -> Iterator[Json]:
    """Every element and action of a card, in reading order; fallbacks are not in sight."""
    if isinstance(value, list):
        for part in value:
            yield from _parts(part)
    elif isinstance(value, dict):
        yield value
        for key, part in value.items():
            if key not in ("fallback", "data"):
                yield from _parts(part)


def _teams_button(action: Json) -> SeenButton:
    data = action.get("data") or {}
    opens = isinstance(data, dict) and data.get("msteams", {}).get("type") == "task/fetch"
    return SeenButton(str(action.get("title", "")), str(data.get("token", "")), opens_dialog=opens)


def _teams_input(element: Json) -> SeenInput:
    options = tuple(str(choice["value"]) for choice in element.get("choices", ()))
    return SeenInput(str(element["id"]), options, required=bool(element.get("isRequired")))
