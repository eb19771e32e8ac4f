"""What people do in Teams, each as the signed activity their client would cause, or refused as it would."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.teams import payloads
from sandbox.teams.cards import ADAPTIVE_CARD, card_problems
from sandbox.teams.core import BotAnswer, Core
from sandbox.teams.errors import BotMisbehaved, PersonCannot
from sandbox.teams.forms import Button, Filled, fill, find_button
from sandbox.teams.state import Conversation, Json, Message, Person

CARD_ANSWER = ADAPTIVE_CARD
MESSAGE_ANSWER = "application/vnd.microsoft.activity.message"
ERROR_ANSWER = "application/vnd.microsoft.error"
NOTHING: Filled = {}
HOME = "v1.home.show."
"""How the verb begins by which a home card asks what it shows by now."""


@dataclass(frozen=True, slots=True)
class ActionAnswer:
    """What pressing Action.Execute brought: a new card, a line of text, or an error with its status code."""

    http_status: int
    status_code: int
    card: Json | None = None
    text: str | None = None
    error: Json | None = None

    @property
    def ok(self) -> bool:
        return self.http_status == 200 and self.status_code == 200


@dataclass(frozen=True, slots=True)
class Dialog:
    """What a dialog call brought: a card to fill in, a closing text, or nothing when it just closed."""

    http_status: int
    message_id: str
    conversation_id: str
    title: str | None = None
    card: Json | None = None
    text: str | None = None

    @property
    def is_open(self) -> bool:
        return self.card is not None


class People(Core):
    """The actions of the people in the tenants; `person` is a directory id or a 29:-id.

    All of them raise PersonCannot for what the person's client would not let them do, and LookupError for
    somebody who is not there.
    """

    __slots__ = ()

    async def say(self, tenant: str, person: str, text: str) -> BotAnswer:
        """Write a line to the bot in the personal chat."""
        who, chat = self._in_chat(tenant, person)
        sent = self._keep(chat, who, None)
        sent.activity = payloads.text_message(self, who, chat, text=text, message_id=sent.id)
        return await self.send_activity(tenant, sent.activity)

    async def channel_say(
        self, tenant: str, channel: str, person: str, text: str, *, thread: str | None = None
    ) -> BotAnswer:
        """Mention the bot in a channel, in the thread of a message where one is named."""
        who = self.directory.person(tenant, person)
        chat, _ = self.directory.locate(channel)
        if who not in chat.members:
            raise PersonCannot(f"{who.name} is not in {chat.name}")
        sent = self._keep(chat, who, thread)
        activity = payloads.text_message(self, who, chat, text=text, message_id=sent.id, root=thread or sent.id)
        sent.activity = payloads.mention(self, activity, text)
        return await self.send_activity(tenant, sent.activity)

    def remark(self, tenant: str, channel: str, person: str, text: str, *, thread: str | None = None) -> Message:
        """Write in a channel without mentioning the bot, which is not told."""
        who = self.directory.person(tenant, person)
        chat, _ = self.directory.locate(channel)
        if who not in chat.members:
            raise PersonCannot(f"{who.name} is not in {chat.name}")
        sent = self._keep(chat, who, thread)
        sent.activity = payloads.text_message(self, who, chat, text=text, message_id=sent.id, root=thread or sent.id)
        return sent

    async def execute(
        self,
        tenant: str,
        person: str,
        message: Message | str,
        verb_or_data: str | Mapping[str, Any],
        inputs: Filled = NOTHING,
        *,
        force: bool = False,
    ) -> ActionAnswer:
        """Press an Action.Execute of the card as this person sees it; an answered card becomes their view.

        Raises:
            BotMisbehaved: the answer is nothing a client can show.
        """
        who, chat, shown = self._before(tenant, person, message)
        button = find_button(shown.card_for(who.aad_object_id), "Action.Execute", verb_or_data)
        return await self._execute(who, chat, shown, button, inputs, trigger="manual", force=force)

    async def refresh_card(self, tenant: str, person: str, message: Message | str) -> ActionAnswer:
        """Do what the client does when the card comes into view: run its `refresh` for a person it names."""
        who, chat, shown = self._before(tenant, person, message)
        refresh = (shown.card_for(who.aad_object_id) or {}).get("refresh")
        if refresh is None:
            raise PersonCannot("the card has no refresh")
        if who.id not in refresh.get("userIds", [known.id for known in chat.members]):
            raise PersonCannot(f"the card is not refreshed for {who.name}")
        button = Button(refresh["action"], ())
        return await self._execute(who, chat, shown, button, NOTHING, trigger="automatic", force=False)

    async def _execute(
        self,
        who: Person,
        chat: Conversation,
        shown: Message,
        button: Button,
        inputs: Filled,
        *,
        trigger: str,
        force: bool,
    ) -> ActionAnswer:
        kept = ("type", "id", "title", "verb")
        action: Json = {name: held for name, held in button.action.items() if name in kept}
        action["data"] = fill(button, inputs, force=force)
        value = {"action": action, "trigger": trigger}
        activity = payloads.invoke(self, "adaptiveCard/action", who, chat, value=value, reply_to=shown.id)
        answer = _action_answer(await self.send_activity(who.tenant_id, activity))
        if answer.card is not None:
            shown.views[who.aad_object_id] = answer.card
        return answer

    async def press_submit(
        self,
        tenant: str,
        person: str,
        message: Message | str,
        title_or_data: str | Mapping[str, Any],
        inputs: Filled = NOTHING,
        *,
        force: bool = False,
    ) -> BotAnswer:
        """Press an Action.Submit, which reaches the bot as a message with a value (messageBack: words)."""
        who, chat, shown = self._before(tenant, person, message)
        button = find_button(shown.card_for(who.aad_object_id), "Action.Submit", title_or_data)
        data = fill(button, inputs, force=force)
        teams = data.get("msteams", {}) if isinstance(data, dict) else {}
        if teams.get("type") == "task/fetch":
            raise PersonCannot("this button opens a dialog: use fetch_task")
        sent = self._keep(chat, who, payloads.thread_root(chat, shown.id))
        sent.activity = payloads.submission(self, who, chat, value=data, reply_to=shown.id, message_id=sent.id)
        if teams.get("type") in {"messageBack", "imBack"}:
            words = teams.get("text") or teams.get("value")
            sent.activity |= {"text": words, "textFormat": "plain", "value": teams.get("value")}
        return await self.send_activity(tenant, sent.activity)

    async def fetch_task(
        self,
        tenant: str,
        person: str,
        message: Message | str,
        title_or_data: str | Mapping[str, Any],
        inputs: Filled = NOTHING,
        *,
        force: bool = False,
    ) -> Dialog:
        """Press the button of a dialog and return what opens."""
        who, chat, shown = self._before(tenant, person, message)
        button = find_button(shown.card_for(who.aad_object_id), "Action.Submit", title_or_data)
        data = fill(button, inputs, force=force)
        if not isinstance(data, dict) or data.get("msteams", {}).get("type") != "task/fetch":
            raise PersonCannot("this button opens no dialog: its data has no msteams.type task/fetch")
        return await self._task("task/fetch", who, chat, shown.id, data)

    async def submit_task(
        self,
        tenant: str,
        person: str,
        dialog: Dialog,
        title_or_data: str | Mapping[str, Any] | None = None,
        inputs: Filled = NOTHING,
        *,
        force: bool = False,
    ) -> Dialog:
        """Fill in an open dialog and press its button (the only one, when none is named)."""
        who = self.directory.person(tenant, person)
        if dialog.card is None:
            raise PersonCannot("the dialog is closed")
        button = find_button(dialog.card, "Action.Submit", {} if title_or_data is None else title_or_data)
        chat, _ = self.directory.locate(dialog.conversation_id)
        return await self._task("task/submit", who, chat, dialog.message_id, fill(button, inputs, force=force))

    async def _task(self, name: str, who: Person, chat: Conversation, reply_to: str, data: Any) -> Dialog:
        value = {"data": data, "context": {"theme": "default"}}
        activity = payloads.invoke(self, name, who, chat, value=value, reply_to=reply_to)
        answer = await self.send_activity(who.tenant_id, activity)
        return _dialog(answer, reply_to, chat.id)

    # --- looking -------------------------------------------------------------------------------

    def home(self, tenant: str, person: str) -> Message | None:
        """The latest card in a person's own chat that is a home: one whose refresh asks for `v1.home.show…`."""
        chat = self.directory.personal(self.directory.person(tenant, person))
        cards = [message for message in chat.messages.values() if not message.deleted and _is_home(message.card)]
        return cards[-1] if cards else None

    # --- coming and going ----------------------------------------------------------------------

    async def install(self, tenant: str, person: str) -> BotAnswer:
        """Give the person the app and tell the bot, as Teams does: two activities; the second's answer."""
        who = self.directory.person(tenant, person)
        who.installed, who.blocked = True, False
        chat = self.directory.personal(who)
        await self.send_activity(tenant, payloads.members_added(self, who, chat))
        return await self.send_activity(tenant, payloads.installation(self, who, chat, "add"))

    async def uninstall(self, tenant: str, person: str) -> BotAnswer:
        """Take the app from the person and tell the bot."""
        who = self.directory.person(tenant, person)
        who.installed = False
        return await self.send_activity(
            tenant, payloads.installation(self, who, self.directory.personal(who), "remove")
        )

    def block(self, tenant: str, person: str) -> None:
        """Let the person block the bot; nobody tells the bot, its next message is refused."""
        self.directory.person(tenant, person).blocked = True

    def unblock(self, tenant: str, person: str) -> None:
        self.directory.person(tenant, person).blocked = False

    # --- shared --------------------------------------------------------------------------------

    def _in_chat(self, tenant: str, person: str) -> tuple[Person, Conversation]:
        who = self.directory.person(tenant, person)
        if not who.installed:
            raise PersonCannot(f"{who.name} does not have the app")
        return who, self.directory.personal(who)

    def _before(self, tenant: str, person: str, message: Message | str) -> tuple[Person, Conversation, Message]:
        """Find the person, and the message among the conversations they are in."""
        who = self.directory.person(tenant, person)
        wanted = message if isinstance(message, str) else message.id
        for chat in self.directory.conversations.values():
            found = chat.messages.get(wanted)
            if found is not None and who in chat.members and not found.deleted:
                if chat.is_personal and not who.installed:
                    raise PersonCannot(f"{who.name} does not have the app")
                return who, chat, found
        raise PersonCannot(f"{who.name} sees no message {wanted}")

    def _keep(self, chat: Conversation, who: Person, thread: str | None) -> Message:
        now = self.clock.now()
        message_id = self.directory.next_message_id(now)
        kept = Message(message_id, chat.id, chat.tenant_id, who.aad_object_id, {}, now, reply_to=thread)
        chat.messages[message_id] = kept
        return kept


def _is_home(card: Json | None) -> bool:
    action = ((card or {}).get("refresh") or {}).get("action") or {}
    return str(action.get("verb", "")).startswith(HOME)


def _action_answer(answer: BotAnswer) -> ActionAnswer:
    if answer.status != 200:
        return ActionAnswer(answer.status, answer.status)
    if not isinstance(answer.body, dict) or "type" not in answer.body:
        raise BotMisbehaved(f"adaptiveCard/action was answered with {answer.text[:200]!r}")
    code, kind, value = answer.body.get("statusCode", 200), answer.body["type"], answer.body.get("value")
    if kind == CARD_ANSWER and code == 200:
        return ActionAnswer(200, 200, card=_fit_to_show(value))
    if kind == MESSAGE_ANSWER and code == 200 and isinstance(value, str):
        return ActionAnswer(200, 200, text=value)
    if kind.startswith(ERROR_ANSWER) and code in {400, 401, 412, 500} and isinstance(value, dict | None):
        return ActionAnswer(200, code, error=value or {})
    raise BotMisbehaved(f"adaptiveCard/action was answered with {kind!r} and status code {code}")


def _dialog(answer: BotAnswer, message_id: str, conversation_id: str) -> Dialog:
    if answer.status != 200 or not answer.body:
        return Dialog(answer.status, message_id, conversation_id)
    task = answer.body.get("task") if isinstance(answer.body, dict) else None
    match task:
        case {"type": "message", "value": str(text)}:
            return Dialog(200, message_id, conversation_id, text=text)
        case {"type": "continue", "value": {"card": {"contentType": kind, "content": content}, **value}} if (
            kind == ADAPTIVE_CARD
        ):
            card = _fit_to_show(content)
            title = value.get("title")
            return Dialog(200, message_id, conversation_id, title=str(title) if title else None, card=card)
        case _:
            raise BotMisbehaved(f"the dialog was answered with {answer.text[:200]!r}")


def _fit_to_show(card: Any) -> Json:
    problems = card_problems(card)
    if problems:
        raise BotMisbehaved("; ".join(str(problem) for problem in problems))
    shown: Json = card
    return shown
