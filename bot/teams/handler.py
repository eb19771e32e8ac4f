"""What the liaison does with each activity: typed words, pressed buttons, dialogs, coming and going."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.schema import ActivityTypes

from bot.actions.registry import is_of_home
from bot.desk import Answer
from bot.messages.blocks import Message
from bot.messages.greetings import NOTED, stranger, with_mistakes
from bot.messages.parts import Json
from bot.messages.refill import form_as_message, refill
from bot.teams.activities import Pressed, Received
from bot.teams.adapter import answer_invoke, received_in
from bot.teams.answers import (
    card_answer,
    closing_answer,
    dialog_answer,
    says_more,
    text_answer,
    text_of,
    unreadable_answer,
)
from bot.teams.render import render
from bot.teams.replies import Replies
from bot.teams.visits import Visits
from handlers.dispatch import ChatIdentity

log = logging.getLogger(__name__)

HELP, HOME = "help", "home"
_HEARD = frozenset(
    {
        ActivityTypes.message,
        ActivityTypes.invoke,
        ActivityTypes.installation_update,
        ActivityTypes.conversation_update,
    }
)


class FrontDesk(Protocol):
    """`bot.desk.Desk`, as far as it is needed here."""

    async def pressed(self, who: ChatIdentity, token: str, inputs: Mapping[str, str], *, key: str) -> Answer: ...

    async def said(self, who: ChatIdentity, text: str, *, key: str) -> Answer: ...


class Liaison(TeamsActivityHandler):
    """Takes every turn. What other people read along with is answered in the person's own chat."""

    def __init__(self, desk: FrontDesk, replies: Replies, visits: Visits) -> None:
        super().__init__()
        self._desk = desk
        self._replies = replies
        self._visits = visits

    async def on_turn(self, turn_context: TurnContext) -> None:
        """Hear people, in activities that we know; bots, ourselves among them, and all else pass by."""
        if turn_context.activity.type in _HEARD and not received_in(turn_context).by_bot:
            await super().on_turn(turn_context)

    # --- typed words, and Action.Submit, which comes as a message ----------------------------------------

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        received = received_in(turn_context)
        pressed = received.pressed
        if not (received.personal or received.mentioned or pressed):
            return
        if received.who is None:
            await self._replies.here(received, stranger())
            return
        await self._visits.seen(received)
        if pressed is not None:
            key = received.same_press(pressed)
            answer = await self._desk.pressed(received.who, pressed.token, pressed.inputs, key=key)
        else:
            answer = await self._desk.said(received.who, received.text or HELP, key=received.once)
        await self._say(received, answer)

    async def _say(self, received: Received, answer: Answer) -> None:
        message = _in_full(answer)
        if message is None:
            return
        if not received.personal:
            await self._replies.privately(received, message, noting=received.pressed is None)
        elif answer.replaces and received.reply_to:
            self._replies.redraw(received, render(message)[-1])
        else:
            await self._replies.here(received, message)

    # --- invokes -------------------------------------------------------------------------------------

    async def on_invoke_activity(self, turn_context: TurnContext) -> None:
        """Answer an invoke; the framework's own way cannot write its answers down (docs/decisions/009)."""
        answer_invoke(turn_context, await self._invoked(received_in(turn_context)))

    async def _invoked(self, received: Received) -> InvokeResponse:
        if received.name not in ("adaptiveCard/action", "task/fetch", "task/submit"):
            return InvokeResponse(status=501)
        if received.pressed is None:
            return InvokeResponse(status=400, body=unreadable_answer("The action names no token."))
        if received.who is None:
            text = text_of(stranger())
            is_action = received.name == "adaptiveCard/action"
            return InvokeResponse(status=200, body=text_answer(text) if is_action else closing_answer(text))
        await self._visits.seen(received)
        match received.name:
            case "adaptiveCard/action":
                body: Json | None = await self._execute(received, received.who, received.pressed)
            case "task/fetch":
                body = await self._open_dialog(received, received.who, received.pressed)
            case _:
                body = await self._take_dialog(received, received.who, received.pressed)
        return InvokeResponse(status=200, body=body)

    async def _execute(self, received: Received, who: ChatIdentity, pressed: Pressed) -> Json:
        """A button was pressed, or (automatic) a card came into view and asks how it looks by now."""
        key = received.once if received.automatic else received.same_press(pressed)
        answer = await self._desk.pressed(who, pressed.token, pressed.inputs, key=key)
        message = _in_full(answer)
        if message is None:
            return text_answer(NOTED)
        if answer.replaces and not answer.refused:
            parts = render(message)
            if len(parts) == 1:
                if received.personal and not received.automatic:
                    self._replies.redraw(received, parts[0])
                return card_answer(parts[0].card)
        if received.automatic:
            # Nobody pressed anything, so nobody is told anything: the card stays as it is.
            return unreadable_answer("There is no newer card.")
        return text_answer(await self._told(received, answer, message))

    async def _open_dialog(self, received: Received, who: ChatIdentity, pressed: Pressed) -> Json | None:
        answer = await self._desk.pressed(who, pressed.token, pressed.inputs, key=received.once)
        if answer.form is not None:
            return dialog_answer(answer.form, opened_by=pressed.token)
        return await self._closed(received, answer)

    async def _take_dialog(self, received: Received, who: ChatIdentity, pressed: Pressed) -> Json | None:
        key = received.same_press(pressed)
        answer = await self._desk.pressed(who, pressed.token, pressed.inputs, key=key)
        if answer.field_errors and pressed.opened_by:
            opened = await self._desk.pressed(who, pressed.opened_by, {}, key=f"{received.once}:again")
            if opened.form is not None:
                form = refill(opened.form, pressed.inputs, answer.field_errors)
                return dialog_answer(form, opened_by=pressed.opened_by)
        if answer.form is not None:
            return dialog_answer(answer.form, opened_by=pressed.token)
        if is_of_home(pressed.opened_by):
            answer = replace(answer, replaces=False)
        return await self._closed(received, answer)

    async def _closed(self, received: Received, answer: Answer) -> Json | None:
        message = _in_full(answer)
        if message is None:
            return None
        if answer.replaces and not answer.refused and received.personal:
            self._replies.redraw(received, render(message)[-1])
            return closing_answer(text_of(message))
        return closing_answer(await self._told(received, answer, message))

    async def _told(self, received: Received, answer: Answer, message: Message) -> str:
        """The message's one line; when it says more than that, it also goes into the person's own chat."""
        if says_more(message) and not answer.refused:
            if received.personal:
                await self._replies.here(received, message)
            else:
                await self._replies.privately(received, message, noting=False)
        return text_of(message)

    # --- coming and going ----------------------------------------------------------------------------

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        received = received_in(turn_context)
        if received.personal and received.bot_added:
            await self._welcome(received)
        else:
            await self._visits.seen(received)

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """An update of the app comes as remove-upgrade and add-upgrade: nobody left, nobody came."""
        received = received_in(turn_context)
        match received.action:
            case "add" if received.personal:
                await self._welcome(received)
            case "remove":
                await self._visits.left(received)
            case _:
                await self._visits.seen(received)

    async def _welcome(self, received: Received) -> None:
        message = await self._visits.came(received)
        if message is None:
            return
        await self._replies.here(received, message)
        if received.who is not None:
            # Nothing for somebody in no alliance; a member's home comes as a message of its own.
            await self._desk.said(received.who, HOME, key=f"{received.once}:home")


def _in_full(answer: Answer) -> Message | None:
    """All that an answer says, as one message, where there are no fields and no dialog."""
    if answer.form is not None:
        return form_as_message(answer.form)
    if answer.message is not None and answer.field_errors:
        return with_mistakes(answer.message, answer.field_errors)
    return answer.message
