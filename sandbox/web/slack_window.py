"""A person's Slack: direct conversation, channel, home tab and modals, read from the stand-in and acted on by it."""

import datetime as dt
import re
from collections.abc import Mapping

from sandbox.people import Teammate
from sandbox.seats import SlackSeat
from sandbox.slack import CannotFillIn, Chosen, Delivered, Message, NotThere, View
from sandbox.slack.forms import complaints, slots
from sandbox.slack.state import Channel
from sandbox.stage import BOT_USER, Stage
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

COMMAND = "/alliance"
_MENTION = re.compile(r"@liaison\b", re.IGNORECASE)
_MARK = re.compile(r"<@([A-Z0-9]+)>")


class SlackWindow:
    def __init__(self, stage: Stage, seat: SlackSeat, side: str, people: Mapping[str, Teammate]) -> None:
        """`people` are the Slack people by their user ids; whoever has no side sees DC's channel."""
        self._slack = stage.slack
        self._team = stage.team
        self._user = seat.user
        self._channel_id = stage.channels[side or "dc"]
        self._people = people
        self._errors: dict[str, Mapping[str, str]] = {}

    # --- what is there -----------------------------------------------------------------------------

    def messages(self, place: PlaceName) -> list[ShownMessage]:
        if place == "home":
            home = self._slack.home(self._team, self._user)
            return [_home(home)] if home is not None else []
        return [self._shown(message) for message in self._seen(place)]

    def dialogs(self) -> list[ShownDialog]:
        return [self._dialog(view) for view in self._slack.views(self._team, self._user)]

    def _seen(self, place: PlaceName) -> list[Message]:
        channel = self._channel(place)
        found = self._slack.messages(self._team, channel.channel_id) if channel is not None else []
        return [message for message in found if message.ephemeral_for in (None, self._user)]

    def _channel(self, place: PlaceName) -> Channel | None:
        workspace = self._slack.world.workspace(self._team)
        return workspace.im(self._user) if place == "dm" else workspace.channels[self._channel_id]

    def _shown(self, message: Message) -> ShownMessage:
        by_bot = message.bot_id is not None
        author = self._people.get(message.user_id)
        return ShownMessage(
            id=message.ts,
            at=_instant(message.ts),
            edited_at=_instant(message.edited_ts) if message.edited_ts else None,
            author=LIAISON if by_bot or author is None else author.key,
            name=LIAISON_NAME if by_bot or author is None else author.name,
            text=self._plain(message.text),
            is_private=message.ephemeral_for is not None,
            thread=message.thread_ts if message.thread_ts != message.ts else None,
            slack={"blocks": message.blocks or []} if by_bot else None,
        )

    def _plain(self, text: str) -> str:
        """A text of Slack as people read it; the stand-in escapes typed marks, so only the liaison's is known there."""
        named = _MARK.sub(lambda mark: f"@{self._name(mark[1])}", text)
        plain = named.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        return plain.replace(f"<@{BOT_USER}>", f"@{LIAISON_NAME}")

    def _name(self, user: str) -> str:
        return self._people[user].name if user in self._people else LIAISON_NAME

    def _dialog(self, view: View) -> ShownDialog:
        title = str(view.body["title"]["text"])
        errors = self._errors.get(view.view_id, {})
        return ShownDialog(view.view_id, title, slack={"view": view.to_json()}, errors=errors)

    # --- what is done ------------------------------------------------------------------------------

    async def open(self, place: PlaceName) -> Outcome:
        if place != "home":
            return Outcome()
        return _outcome(await self._slack.open_home(self._team, self._user))

    async def press(self, place: PlaceName, message: str, token: str, inputs: Inputs) -> Outcome:
        shown: Message | View | None
        if place == "home":
            shown = self._slack.home(self._team, self._user)
        else:
            shown = next((one for one in self._seen(place) if one.ts == message), None)
        if shown is None:
            raise message_gone()
        return await self._press(shown, token, inputs)

    async def press_in_dialog(self, dialog: str, token: str, inputs: Inputs) -> Outcome:
        return await self._press(self._view(dialog), token, inputs)

    async def _press(self, shown: Message | View, token: str, inputs: Inputs) -> Outcome:
        chosen = _chosen(shown.blocks or [], inputs)
        if problems := complaints(shown.blocks or [], chosen, needed=False):
            return Outcome(ok=False, errors=problems)
        before = self._before()
        try:
            delivered = await self._slack.press(self._team, self._user, shown, token, values=chosen)
        except NotThere:
            raise button_gone() from None
        except CannotFillIn as refusal:
            return Outcome(ok=False, text=f"Slack does not send this: {refusal}.")
        return self._after(delivered, *before)

    async def say(self, place: PlaceName, text: str, thread: str | None) -> Outcome:
        channel = None if place == "dm" else self._channel_id
        if text.startswith("/"):
            return await self._command(text, channel)
        before = self._before()
        named = _MENTION.sub(f"<@{BOT_USER}>", text)
        try:
            if channel is not None and named == text:
                self._slack.remark(self._team, self._user, text, channel, thread=thread)
                return Outcome()
            said = text if channel is None else named
            delivered = await self._slack.say(self._team, self._user, said, channel_id=channel, thread=thread)
        except NotThere:
            raise message_gone() from None
        return self._after(delivered, *before)

    async def _command(self, text: str, channel: str | None) -> Outcome:
        command, _, rest = text.partition(" ")
        if command != COMMAND:
            words = f"{command[:60]} is not a valid command. Messages that begin with / are read as commands."
            return Outcome(ok=False, text=words)
        before = self._before()
        return self._after(
            await self._slack.command(self._team, self._user, COMMAND, rest.strip(), channel_id=channel), *before
        )

    async def submit(self, dialog: str, token: str | None, inputs: Inputs) -> Outcome:
        """Submit a modal, which has one button to do so; `token` is for Teams."""
        if token is not None:
            raise Impossible(400, "A modal of Slack has one button that submits it: leave “token” out.")
        view = self._view(dialog)
        chosen = _chosen(view.blocks, inputs)
        problems: Mapping[str, str] = complaints(view.blocks, chosen)
        if problems:
            return self._still_open(view, problems)
        before = self._before()
        was = view.hash
        try:
            delivered = await self._slack.submit(self._team, self._user, view, chosen)
        except CannotFillIn as refusal:
            return Outcome(ok=False, text=str(refusal), dialog=self._dialog(view))
        answer = delivered.json()
        problems = answer.get("errors", {}) if isinstance(answer, dict) else {}
        if problems:
            return self._still_open(view, problems)
        self._errors.pop(view.view_id, None)
        outcome = self._after(delivered, *before)
        stays = any(one is view for one in self._slack.views(self._team, self._user))
        if stays and outcome.dialog is None:
            return Outcome(outcome.ok and view.hash != was, outcome.text, dialog=self._dialog(view))
        return outcome

    async def close(self, dialog: str) -> Outcome:
        view = self._view(dialog)
        self._errors.pop(view.view_id, None)
        delivered = await self._slack.close_view(self._team, self._user, view)
        return Outcome() if delivered is None else _outcome(delivered)

    def _view(self, dialog: str) -> View:
        for view in self._slack.views(self._team, self._user):
            if view.view_id == dialog:
                return view
        raise dialog_gone()

    def _still_open(self, view: View, problems: Mapping[str, str]) -> Outcome:
        self._errors[view.view_id] = problems
        return Outcome(ok=False, errors=problems, dialog=self._dialog(view))

    # --- what came of it ---------------------------------------------------------------------------

    def _before(self) -> tuple[set[str], set[str]]:
        """The whispers and the modals that are there before an act."""
        return {one.ts for one in self._whispers()}, {one.view_id for one in self._slack.views(self._team, self._user)}

    def _whispers(self) -> list[Message]:
        found = [message for place in ("dm", "channel") for message in self._seen(place)]
        return [message for message in found if message.ephemeral_for == self._user]

    def _after(self, delivered: Delivered, whispers: set[str], views: set[str]) -> Outcome:
        new = [message for message in self._whispers() if message.ts not in whispers]
        opened = [view for view in self._slack.views(self._team, self._user) if view.view_id not in views]
        outcome = _outcome(delivered)
        text = self._plain(new[-1].text) if new and outcome.ok else outcome.text
        return Outcome(outcome.ok, text, dialog=self._dialog(opened[-1]) if opened else None)


def _outcome(delivered: Delivered) -> Outcome:
    if not delivered.is_taken:
        how = delivered.failure or "http_error"
        return Outcome(ok=False, text=f"We had some trouble connecting. Try again? ({how}, {delivered.status})")
    if delivered.problem:
        return Outcome(ok=False, text=f"Slack cannot show what the liaison answered: {delivered.problem}")
    return Outcome()


def _home(view: View) -> ShownMessage:
    drawn = _instant(view.hash.partition(".")[0])
    return ShownMessage(
        view.view_id, drawn, None, LIAISON, LIAISON_NAME, "Home", is_private=True, slack={"blocks": view.blocks}
    )


def _chosen(blocks: list[Json], inputs: Inputs) -> dict[str, Chosen]:
    """What was filled in, as the stand-in takes it."""
    known = [slot for slot in slots(blocks) if slot.has_state]
    chosen: dict[str, Chosen] = {}
    for name, given in inputs.items():
        if not any(slot.is_named(name) for slot in known):
            raise no_such_input(name)
        if isinstance(given, bool):
            raise Impossible(400, f"“{name[:60]}” takes text or choices, not yes or no. Nothing was sent.")
        chosen[name] = given or None
    return chosen


def _instant(ts: str) -> dt.datetime:
    return dt.datetime.fromtimestamp(float(ts), dt.UTC)
