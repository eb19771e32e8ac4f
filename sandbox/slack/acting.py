"""What people do in the workspace, each thing a request to the bot."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sandbox.slack import payloads
from sandbox.slack.calls import Refused
from sandbox.slack.delivery import MOST_RETRIES, RETRY_AFTER, Delivered, Delivery, Kind
from sandbox.slack.forms import (
    CannotFillIn,
    Chosen,
    Slot,
    complain_about_gaps,
    filled_in_state,
    find_slot,
    option_of,
    slots,
    state_values,
)
from sandbox.slack.responding import answer_command
from sandbox.slack.state import Channel, Json, Message, NotThere, Person, View, Workspace, World
from sandbox.slack.views import checked_view, push, replace_body
from sandbox.slack.watching import Change, Watchers


class People:
    """The hands of the people in the workspaces. Every action returns how the bot answered."""

    base_url: str

    def __init__(self, world: World, watchers: Watchers, delivery: Delivery) -> None:
        self.world = world
        self.watchers = watchers
        self.delivery = delivery

    async def say(
        self, team_id: str, user_id: str, text: str, *, channel_id: str | None = None, thread: str | None = None
    ) -> Delivered:
        """Write to the bot: in the direct conversation or, with a mention of it, in a channel.

        NotThere for a channel message that does not mention the bot, as it is not told of those.
        """
        workspace, person = self._member(team_id, user_id)
        channel = self._place(workspace, person, channel_id)
        if channel.im_with is None and f"<@{workspace.bot_user_id}>" not in text:
            raise NotThere("the bot hears nothing in a channel unless it is mentioned")
        message = self._typed(workspace, channel, person, text, thread)
        event = payloads.message_event(workspace, channel, person, message)
        return await self.send_event(team_id, event, is_ext_shared=channel.is_ext_shared)

    def remark(self, team_id: str, user_id: str, text: str, channel_id: str, *, thread: str | None = None) -> Message:
        """Write in a channel without mentioning the bot, which is not told."""
        workspace, person = self._member(team_id, user_id)
        return self._typed(workspace, self._place(workspace, person, channel_id), person, text, thread)

    async def send_event(self, team_id: str, event: Json, *, is_ext_shared: bool = False) -> Delivered:
        """Send any other event, such as `{"type": "app_uninstalled"}`."""
        workspace = self.world.workspace(team_id)
        payload = payloads.event_callback(self.world, workspace, event, is_ext_shared=is_ext_shared)
        return await self.delivery.deliver(Kind.EVENT, payload)

    async def redeliver(self, delivered: Delivered, *, reason: str | None = None) -> Delivered:
        """Deliver an event once more, at once, as Slack's next retry; ValueError after the third.

        An event that was taken can be redelivered too: Slack does so when the answer came late.
        """
        if delivered.kind is not Kind.EVENT or delivered.retry_num >= MOST_RETRIES:
            raise ValueError("Slack retries events alone, and three times at most")
        why = reason or delivered.failure or "http_timeout"
        return await self.delivery.deliver(Kind.EVENT, delivered.payload, retry_num=delivered.retry_num + 1, reason=why)

    async def retry_until_taken(self, delivered: Delivered) -> Delivered:
        """Retry on Slack's schedule (at once, a minute, five minutes) and return the last attempt."""
        while delivered.may_be_retried:
            await self.world.clock.sleep(RETRY_AFTER[delivered.retry_num])
            delivered = await self.redeliver(delivered)
        return delivered

    async def open_home(self, team_id: str, user_id: str, tab: str = "home") -> Delivered:
        """Open the app's home tab, or its `messages` tab."""
        workspace, person = self._member(team_id, user_id)
        channel = self._place(workspace, person, None)
        event = payloads.home_opened_event(self.world, workspace, channel, user_id, tab)
        return await self.send_event(team_id, event)

    async def command(
        self, team_id: str, user_id: str, command: str, text: str = "", channel_id: str | None = None
    ) -> Delivered:
        """Use a slash command, by default in the direct conversation; its answer is shown as Slack would.

        NotThere for a guest, who has only the commands of the own workspace.
        """
        workspace, person = self._member(team_id, user_id)
        if person.home_team_id != team_id:
            raise NotThere(f"{user_id} is a guest and has no commands of this workspace")
        channel = self._place(workspace, person, channel_id)
        path = self.world.new_response_url("commands", team_id, channel, user_id, None)
        payload = payloads.slash_command(
            workspace,
            channel,
            person,
            command=command,
            text=text,
            response_url=f"{self.base_url}{path}",
            trigger_id=self.world.new_trigger(team_id, user_id),
        )
        delivered = await self.delivery.deliver(Kind.COMMAND, payload)
        if not delivered.is_taken or not delivered.body:
            return delivered
        return self._checked(delivered, lambda: self._show_answer(path, delivered))

    async def press(
        self,
        team_id: str,
        user_id: str,
        place: Message | View,
        action_id: str,
        *,
        values: Mapping[str, Chosen] | None = None,
        value: Chosen = None,
    ) -> Delivered:
        """Press a button or choose in an element of a message or view, with what else is filled in there.

        `values` maps `block_id/action_id` (either alone will do where it is unique) to what was chosen;
        `value` is what is chosen in the pressed element itself or, for a button, says which of several.
        NotThere when the element is not shown, CannotFillIn when Slack's client would not let it happen.
        """
        workspace, person = self._member(team_id, user_id)
        self._check_sees(workspace, person, place)
        slot = find_slot(place.blocks, action_id, value if isinstance(value, str) else None)
        if not slot.sends_actions:
            raise CannotFillIn(f"{action_id} belongs to a form and is not sent by itself")
        state = _state_after(slot, value)
        chosen = dict(values or {})
        if slot.has_state:
            chosen[f"{slot.block_id}/{slot.action_id}"] = value
        filled = state_values(place.blocks, chosen)
        self._check_people(workspace, filled)
        action = payloads.action_of(slot, state, f"{self.world.seconds()}.{self.world.new_id('')[-6:]}")
        trigger_id = self.world.new_trigger(team_id, user_id)
        payload = payloads.block_actions(workspace, person, action, values=filled, trigger_id=trigger_id)
        return await self.delivery.deliver(Kind.INTERACTION, payload | self._where(workspace, person, place, filled))

    async def submit(
        self, team_id: str, user_id: str, view: View | None = None, values: Mapping[str, Chosen] | None = None
    ) -> Delivered:
        """Submit a modal, the topmost by default, and do with it what the bot answers.

        An empty answer closes it; `response_action` errors, update, push and clear are understood. An answer
        that Slack could not use leaves the modal open and is described in `problem`.
        """
        workspace, person = self._member(team_id, user_id)
        view = self._open_modal(workspace, user_id, view)
        if view.body.get("submit") is None or view.body.get("submit_disabled", False):
            raise CannotFillIn("this modal has no submit button")
        filled = state_values(view.blocks, values or {})
        complain_about_gaps(view.blocks, filled)
        self._check_people(workspace, filled)
        trigger_id = self.world.new_trigger(team_id, user_id)
        payload = payloads.view_submission(workspace, person, view, values=filled, trigger_id=trigger_id)
        delivered = await self.delivery.deliver(Kind.INTERACTION, payload)
        if not delivered.is_taken:
            return delivered
        return self._checked(delivered, lambda: self._follow(workspace, view, delivered))

    async def close_view(
        self,
        team_id: str,
        user_id: str,
        view: View | None = None,
        *,
        clear: bool = False,
        values: Mapping[str, Chosen] | None = None,
    ) -> Delivered | None:
        """Close a modal, with `clear` the whole stack; None when the bot did not ask to be told.

        `values` is what stands in it: where inputs tell of each change, the last change is told before, as a client
        does. The close itself says nothing of what stood there.
        """
        workspace, person = self._member(team_id, user_id)
        view = self._open_modal(workspace, user_id, view)
        telling = [slot for slot in slots(view.blocks) if slot.has_state and slot.sends_actions]
        for slot in [one for one in telling if values and any(one.is_named(name) for name in values)][-1:]:
            named = next(value for name, value in (values or {}).items() if slot.is_named(name))
            await self.press(team_id, user_id, view, slot.action_id, value=named, values=values)
        stack = workspace.modals[user_id]
        gone = list(stack) if clear else [view]
        workspace.modals[user_id] = [one for one in stack if one not in gone]
        for one in gone:
            self.watchers.view(Change.DELETED, one)
        if not view.body.get("notify_on_close", False):
            return None
        payload = payloads.view_closed(workspace, person, view, is_cleared=clear)
        return await self.delivery.deliver(Kind.INTERACTION, payload)

    def _typed(self, workspace: Workspace, channel: Channel, person: Person, text: str, thread: str | None) -> Message:
        if thread is not None and thread not in channel.messages:
            raise NotThere(f"there is no message {thread} in {channel.name}")
        message = payloads.typed_message(self.world, workspace, channel, person, text)
        message.thread_ts = thread
        return message

    def _member(self, team_id: str, user_id: str) -> tuple[Workspace, Person]:
        workspace = self.world.workspace(team_id)
        person = workspace.person(user_id)
        if person.deleted:
            raise NotThere(f"{user_id} is deactivated and does nothing any more")
        return workspace, person

    def _place(self, workspace: Workspace, person: Person, channel_id: str | None) -> Channel:
        if channel_id is None:
            if person.home_team_id != workspace.team_id:
                raise NotThere(f"{person.user_id} is a guest and has no direct conversation with the bot")
            return self.world.open_im(workspace, person.user_id)[0]
        channel = workspace.channels.get(channel_id)
        if channel is None or person.user_id not in channel.members:
            raise NotThere(f"{person.user_id} is not in {channel_id}")
        return channel

    def _check_sees(self, workspace: Workspace, person: Person, place: Message | View) -> None:
        if isinstance(place, View):
            shown = [*workspace.modals.get(person.user_id, ()), workspace.homes.get(person.user_id)]
            sees = any(one is place for one in shown)
        else:
            channel = workspace.channels[place.channel_id]
            for_them = place.ephemeral_for in (None, person.user_id)
            sees = person.user_id in channel.members and for_them and not place.deleted
        if not sees:
            raise NotThere(f"{person.user_id} does not see this")

    def _check_people(self, workspace: Workspace, values: Json) -> None:
        states = [state for actions in values.values() for state in actions.values()]
        for state in states:
            for user_id in [state.get("selected_user"), *state.get("selected_users", ())]:
                if user_id is not None:
                    workspace.person(user_id)

    def _where(self, workspace: Workspace, person: Person, place: Message | View, values: Json) -> Json:
        if isinstance(place, View):
            return payloads.in_view(place, values)
        channel = workspace.channels[place.channel_id]
        original = channel.messages[place.ts]
        path = self.world.new_response_url("actions", workspace.team_id, channel, person.user_id, original)
        return payloads.in_message(channel, place, f"{self.base_url}{path}")

    def _open_modal(self, workspace: Workspace, user_id: str, view: View | None) -> View:
        stack = workspace.modals.get(user_id, [])
        if not stack or (view is not None and not any(one is view for one in stack)):
            raise NotThere(f"{user_id} has no such modal open")
        return view if view is not None else stack[-1]

    def _checked(self, delivered: Delivered, use_answer: Any) -> Delivered:
        try:
            use_answer()
        except Refused as refusal:
            problem = "; ".join([refusal.error, *refusal.complaints])
            return dataclasses.replace(delivered, problem=problem)
        return delivered

    def _show_answer(self, path: str, delivered: Delivered) -> None:
        said = delivered.json()
        body = said if isinstance(said, dict) else delivered.body
        answer_command(self.world, self.watchers, self.world.response_urls[path], body)

    def _follow(self, workspace: Workspace, view: View, delivered: Delivered) -> None:
        answer = delivered.json()
        if delivered.body and not isinstance(answer, dict):
            raise Refused("invalid_response")
        stack = workspace.modals[view.user_id]
        match (answer or {}).get("response_action"):
            case None:
                stack.remove(view)
                self.watchers.view(Change.DELETED, view)
            case "clear":
                workspace.modals[view.user_id] = []
                self.watchers.view(Change.DELETED, view)
            case "errors":
                _check_errors(view, answer.get("errors"))
            case "update":
                replace_body(self.world, view, checked_view(answer.get("view"), "modal"))
                self.watchers.view(Change.UPDATED, view)
            case "push":
                body = checked_view(answer.get("view"), "modal")
                self.watchers.view(Change.POSTED, push(self.world, workspace, view.user_id, body))
            case other:
                raise Refused("invalid_response", [f"unknown response_action: {other}"])


def _state_after(slot: Slot, value: Chosen) -> Json:
    if slot.kind == "button":
        return {}
    if slot.kind == "overflow":
        return {"selected_option": option_of(slot.element, str(value))}
    return filled_in_state(slot.element, value)


def _check_errors(view: View, errors: Any) -> None:
    if not isinstance(errors, dict) or not errors:
        raise Refused("invalid_response", ["errors must name at least one input block"])
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    strangers = sorted(set(errors) - inputs)
    if strangers:
        raise Refused("invalid_response", [f"errors name blocks that are no inputs: {', '.join(strangers)}"])
