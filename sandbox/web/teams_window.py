"""A person's Teams: personal chat, channel, home card and dialogs, read from the stand-in and acted on by it."""

import re
from collections.abc import Mapping
from itertools import count

from sandbox.people import Teammate
from sandbox.seats import TeamsSeat
from sandbox.stage import Stage
from sandbox.teams import (
    ActionAnswer,
    BotAnswer,
    BotMisbehaved,
    Button,
    Conversation,
    Dialog,
    Message,
    PersonCannot,
    Refused,
    buttons,
)
from sandbox.teams.forms import Filled, complaints, inputs_of
from sandbox.web.window import (
    LIAISON,
    LIAISON_NAME,
    Impossible,
    Inputs,
    Json,
    Outcome,
    PlaceName,
    ShownDialog,
    ShownMessage,
    button_gone,
    dialog_gone,
    message_gone,
    no_such_input,
)

REFRESHED = 10
"""How many of the newest cards a client that opens a chat refreshes: those that come into view."""
_MENTION = re.compile(r"@liaison\b", re.IGNORECASE)
_AT = re.compile(r"</?at>")


class TeamsWindow:
    def __init__(self, stage: Stage, seat: TeamsSeat, side: str, people: Mapping[str, Teammate]) -> None:
        """`people` are the Teams people by their directory ids."""
        self._teams = stage.teams
        self._tenant = stage.tenant
        self._person = seat.person
        self._channel_id = stage.channels[side or "mc"]
        self._people = people
        self._dialogs: dict[str, Dialog] = {}
        self._count = count(1)

    # --- what is there -----------------------------------------------------------------------------

    def messages(self, place: PlaceName) -> list[ShownMessage]:
        return [self._shown(message) for message in self._seen(place)]

    def dialogs(self) -> list[ShownDialog]:
        return [_shown_dialog(name, dialog) for name, dialog in self._dialogs.items()]

    def _seen(self, place: PlaceName) -> list[Message]:
        if place == "home":
            home = self._teams.home(self._tenant, self._person)
            return [home] if home is not None else []
        found = [message for message in self._chat(place).messages.values() if not message.deleted]
        return [message for message in found if message.text or message.card]

    def _chat(self, place: PlaceName) -> Conversation:
        directory = self._teams.directory
        if place == "channel":
            return directory.locate(self._channel_id)[0]
        return directory.personal(directory.person(self._tenant, self._person))

    def _shown(self, message: Message) -> ShownMessage:
        author = self._people.get(message.sender)
        card = message.card_for(self._person)
        return ShownMessage(
            id=message.id,
            at=message.sent_at,
            edited_at=message.changed_at,
            author=author.key if author else LIAISON,
            name=author.name if author else LIAISON_NAME,
            text=_AT.sub("", message.text.replace("<at>", "@")) or message.summary,
            thread=message.reply_to,
            teams={"card": card, "summary": message.summary or None} if author is None else None,
        )

    # --- what is done ------------------------------------------------------------------------------

    async def open(self, place: PlaceName) -> Outcome:
        """Look at a place: cards in view that ask how they look by now are refreshed for those whom they name."""
        me = self._teams.directory.person(self._tenant, self._person).id
        for message in self._seen(place)[-REFRESHED:]:
            refresh = (message.card_for(self._person) or {}).get("refresh")
            if refresh is not None and me in refresh.get("userIds", [me]):
                try:
                    await self._teams.refresh_card(self._tenant, self._person, message)
                except BotMisbehaved as trouble:
                    return Outcome(ok=False, text=_cannot_show(trouble))
        return Outcome()

    async def press(self, place: PlaceName, message: str, token: str, inputs: Inputs) -> Outcome:
        shown = next((one for one in self._seen(place) if one.id == message), None)
        if shown is None:
            raise message_gone()
        card = shown.card_for(self._person)
        button = _button(card, token)
        filled = _filled(card, button, inputs)
        if problems := complaints(button, filled):
            return Outcome(ok=False, errors=problems)
        try:
            return await self._press(shown, button, token, filled)
        except PersonCannot as refusal:
            return Outcome(ok=False, text=str(refusal))
        except BotMisbehaved as trouble:
            return Outcome(ok=False, text=_cannot_show(trouble))

    async def _press(self, shown: Message, button: Button, token: str, filled: Filled) -> Outcome:
        data = button.action.get("data")
        named: str | Json = {"token": token} if isinstance(data, dict) and "token" in data else token
        who = (self._tenant, self._person, shown, named, filled)
        if button.action["type"] == "Action.Execute":
            return _of_action(await self._teams.execute(*who))
        if isinstance(data, dict) and data.get("msteams", {}).get("type") == "task/fetch":
            self._dialogs.clear()  # a client has one dialog open at a time
            return self._of_dialog(await self._teams.fetch_task(*who), None)
        return _of_message(await self._teams.press_submit(*who))

    async def press_in_dialog(self, dialog: str, token: str, inputs: Inputs) -> Outcome:
        return await self.submit(dialog, token, inputs)

    async def say(self, place: PlaceName, text: str, thread: str | None) -> Outcome:
        if place == "dm":
            return _of_message(await self._teams.say(self._tenant, self._person, text))
        words = _MENTION.sub("", text).strip()
        where = (self._tenant, self._channel_id, self._person)
        if thread is not None and thread not in self._chat("channel").messages:
            raise message_gone()
        try:
            if _MENTION.search(text) is None:
                self._teams.remark(*where, text, thread=thread)
                return Outcome()
            return _of_message(await self._teams.channel_say(*where, words, thread=thread))
        except (PersonCannot, Refused) as refusal:
            return Outcome(ok=False, text=str(refusal))

    async def submit(self, dialog: str, token: str | None, inputs: Inputs) -> Outcome:
        task = self._dialogs.get(dialog)
        if task is None or task.card is None:
            raise dialog_gone()
        button = _button(task.card, token)
        filled = _filled(task.card, button, inputs)
        if problems := complaints(button, filled):
            return Outcome(ok=False, errors=problems, dialog=_shown_dialog(dialog, task))
        try:
            after = await self._teams.submit_task(self._tenant, self._person, task, _name_of(button), filled)
        except PersonCannot as refusal:
            return Outcome(ok=False, text=str(refusal), dialog=_shown_dialog(dialog, task))
        except BotMisbehaved as trouble:
            return Outcome(ok=False, text=_cannot_show(trouble), dialog=_shown_dialog(dialog, task))
        if after.http_status != 200:
            words = f"Something went wrong. Please try again. ({after.http_status})"
            return Outcome(ok=False, text=words, dialog=_shown_dialog(dialog, task))
        del self._dialogs[dialog]
        outcome = self._of_dialog(after, dialog)
        # A dialog of the same name came back with something to mend; with another it goes on.
        return Outcome(not (after.is_open and after.title == task.title), outcome.text, dialog=outcome.dialog)

    async def close(self, dialog: str) -> Outcome:
        """Close a dialog; Teams tells nobody."""
        if self._dialogs.pop(dialog, None) is None:
            raise dialog_gone()
        return Outcome()

    def _of_dialog(self, dialog: Dialog, name: str | None) -> Outcome:
        if not dialog.is_open:
            if dialog.http_status == 200:
                return Outcome(text=dialog.text)
            return Outcome(ok=False, text=_unreachable(dialog.http_status))
        name = name or f"task-{next(self._count)}"
        self._dialogs[name] = dialog
        return Outcome(dialog=_shown_dialog(name, dialog))


# --- reading cards ----------------------------------------------------------------------------------


def _button(card: Json | None, token: str | None) -> Button:
    """The first button that sends this token; the first of all that submits when none is named."""
    for button in buttons(card or {}):
        action = button.action
        data = action.get("data")
        sent = data.get("token") if isinstance(data, dict) else None
        if action.get("type") in ("Action.Execute", "Action.Submit") and token in (None, sent, action.get("verb")):
            return button
    raise button_gone()


def _name_of(button: Button) -> str | Json:
    data = button.action.get("data")
    return {"token": data["token"]} if isinstance(data, dict) and "token" in data else str(button.action.get("title"))


def _filled(card: Json | None, button: Button, inputs: Inputs) -> dict[str, str | bool | list[str]]:
    """What the button sends of what was filled in; an input that the card does not have is a mistake of the page."""
    on_card = {str(node["id"]) for known in buttons(card or {}) for node in known.inputs}
    for name in inputs:
        if name not in on_card:
            raise no_such_input(name)
    sent = {str(node["id"]) for node in inputs_of(button)}
    return {name: _value(given) for name, given in inputs.items() if name in sent}


def _value(given: object) -> str | bool | list[str]:
    match given:
        case None:
            return ""
        case bool() | str():
            return given
        case list():
            return [str(one) for one in given]
        case _:
            raise Impossible(400, "An input holds text, choices, or yes or no. Nothing was sent.")


# --- what came of it --------------------------------------------------------------------------------


def _shown_dialog(name: str, dialog: Dialog) -> ShownDialog:
    return ShownDialog(name, dialog.title or LIAISON_NAME, teams={"card": dialog.card})


def _of_action(answer: ActionAnswer) -> Outcome:
    if answer.ok:
        return Outcome(text=answer.text)
    why = str((answer.error or {}).get("message") or answer.status_code)
    return Outcome(ok=False, text=f"Something went wrong. Please try again. ({why})")


def _of_message(answer: BotAnswer) -> Outcome:
    if 200 <= answer.status < 300:
        return Outcome()
    return Outcome(ok=False, text=_unreachable(answer.status))


def _unreachable(status: int) -> str:
    return f"Unable to reach app. Please try again. ({status})"


def _cannot_show(trouble: BotMisbehaved) -> str:
    return f"Teams cannot show what the liaison answered: {trouble}"
