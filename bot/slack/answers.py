"""How an answer is shown in Slack: in the pressed message's place, to one person alone, or as a modal."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from bot.actions.registry import keeps_draft
from bot.messages.blocks import Form, Message
from bot.messages.entrance import too_long_for_here
from bot.messages.literal import one_line
from bot.messages.parts import Json
from bot.messages.replies import said
from bot.platform import PlatformError, RateLimited
from bot.slack import limits
from bot.slack.api import SlackApi
from bot.slack.decode import Asker, with_origin
from bot.slack.render import Rendered, TooLarge, form_errors, render, render_form
from schedules.clock import Clock

log = logging.getLogger(__name__)

_HOME_TITLE = "Alliance liaison"
_WAITS = (1.0, 5.0, 20.0)
"""Seconds before the ways are tried again, or as many as Slack asks for."""
OPENED_WITHIN = 2.0
"""Seconds, in the computer's own time; after three the trigger is worth nothing and Slack waits no longer."""
Way = Callable[[], Awaitable[object]]
"""One way to show something; the next is tried when it fails."""


class Answers:
    """Shows answers; never raises for what Slack does, since what was asked is already done."""

    def __init__(self, api: SlackApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def open(self, asker: Asker, form: Form) -> bool:
        """Open a form as a modal; False when it cannot be, as later than three seconds after the press."""
        if asker.trigger_id is None:
            return False
        view = form_view(form, asker)
        if view is None:
            return False
        try:
            async with asyncio.timeout(OPENED_WITHIN):
                await self._api.call(
                    asker.workspace, "views.open", patient=False, trigger_id=asker.trigger_id, view=view
                )
        except (PlatformError, TimeoutError) as error:
            log.warning("form not opened", extra={"because": str(error) or "too slow"})
            return False
        return True

    async def replace(self, asker: Asker, message: Message) -> None:
        """Show a message in the place of the one that was pressed, else to that person alone."""
        *earlier, last = drawn(message)
        for part in earlier:
            await self._whisper(asker, part)
        ways: list[Way] = [partial(self._update, asker, last)] if stands_in_channel(asker) else []
        if asker.response_url and asker.message:
            ways.append(partial(self._respond, asker, last, replaces=True))
        await self._first_that_works([*ways, *self._ways_to_whisper(asker, last)])

    async def whisper(self, asker: Asker, message: Message) -> None:
        """Show a message to that person alone, where they are."""
        for part in drawn(message):
            await self._whisper(asker, part)

    async def tell(self, asker: Asker, message: Message) -> None:
        """Post a message in the direct conversation that the person is in, or else in theirs."""
        here = [asker.channel] if asker.channel and asker.channel.startswith("D") else []
        for part in drawn(message):
            await self._first_that_works([partial(self._post, asker, part, place) for place in (*here, asker.user)])

    async def go_ahead(self, asker: Asker, message: Message) -> None:
        """Show all parts of a message but the last, which the body of a slash command's answer holds."""
        for part in drawn(message)[:-1]:
            await self._whisper(asker, part)

    async def at(self, response_url: str, message: Message) -> None:
        """Show a message to one person alone by an address that needs no token."""
        for part in drawn(message):
            await self._first_that_works([partial(self._api.respond, response_url, body_of(part))])

    async def home(self, asker: Asker, message: Message) -> None:
        """Show a message as the person's home tab."""
        view = {"type": "home", "blocks": home_blocks(message)}
        publish = partial(self._api.call, asker.workspace, "views.publish", patient=False)
        await self._first_that_works([partial(publish, user_id=asker.user, view=view)])

    async def _whisper(self, asker: Asker, part: Rendered) -> None:
        await self._first_that_works(self._ways_to_whisper(asker, part))

    def _ways_to_whisper(self, asker: Asker, part: Rendered) -> list[Way]:
        ephemeral: list[Way] = [partial(self._ephemeral, asker, part)] if asker.channel else []
        respond: list[Way] = [partial(self._respond, asker, part, replaces=False)] if asker.response_url else []
        # Where its message stands the bot is a member; elsewhere only the response_url is sure to work.
        nearest = [*ephemeral, *respond] if stands_in_channel(asker) else [*respond, *ephemeral]
        return [*nearest, partial(self._post, asker, part, asker.user)]

    async def _first_that_works(self, ways: list[Way]) -> None:
        """Try the ways in turn, all of them again while Slack is too busy; then the person asks again."""
        for wait in (*_WAITS, None):
            pauses = [0.0]
            for way in ways:
                try:
                    await way()
                except RateLimited as limit:
                    pauses.append(limit.retry_after)
                    log.warning("answer not shown", extra={"because": str(limit)})
                except PlatformError as error:
                    log.warning("answer not shown", extra={"because": str(error)})
                else:
                    return
            if wait is None or len(pauses) == 1:
                return
            await self._clock.sleep(max(wait, *pauses))

    async def _update(self, asker: Asker, part: Rendered) -> None:
        await self._api.call(
            asker.workspace,
            "chat.update",
            patient=False,
            channel=asker.channel,
            ts=asker.message,
            text=part.text,
            blocks=list(part.blocks),
        )

    async def _ephemeral(self, asker: Asker, part: Rendered) -> None:
        await self._api.call(
            asker.workspace,
            "chat.postEphemeral",
            patient=False,
            channel=asker.channel,
            user=asker.user,
            thread_ts=asker.thread,
            text=part.text,
            blocks=list(part.blocks),
        )

    async def _respond(self, asker: Asker, part: Rendered, *, replaces: bool) -> None:
        how: Json = {"replace_original": replaces}
        if asker.thread and not replaces:
            how["thread_ts"] = asker.thread
        await self._api.respond(asker.response_url or "", {**body_of(part), **how})

    async def _post(self, asker: Asker, part: Rendered, channel: str) -> None:
        await self._api.call(
            asker.workspace,
            "chat.postMessage",
            patient=False,
            channel=channel,
            thread_ts=asker.thread if channel == asker.channel else None,
            text=part.text,
            blocks=list(part.blocks),
            unfurl_links=False,
            unfurl_media=False,
        )


def stands_in_channel(asker: Asker) -> bool:
    """Return whether they pressed a message that everybody there sees, which the bot can update."""
    return bool(asker.channel and asker.message and not asker.is_ephemeral)


def drawn(message: Message) -> tuple[Rendered, ...]:
    """Return the parts of a message; a sentence instead of a form too long for any message."""
    try:
        return render(message)
    except TooLarge:
        return render(too_long_for_here())


def body_of(part: Rendered) -> Json:
    """Return an answer for one person alone, as a command's or a press's response takes it."""
    return {"response_type": "ephemeral", "text": part.text, "blocks": list(part.blocks)}


def form_view(form: Form, asker: Asker) -> Json | None:
    """Return the modal, which remembers where it was opened from; None when it has too many questions."""
    try:
        view = render_form(form)
    except TooLarge:
        return None
    if keeps_draft(form.token):
        view["notify_on_close"] = True
        view["blocks"] = [_telling(block) for block in view["blocks"]]
    origin = with_origin(form.token, asker)
    if len(origin) <= limits.PRIVATE_METADATA:
        view["private_metadata"] = origin
    return view


def _telling(block: Json) -> Json:
    """An input that tells of each change, so that a draft can be kept; the close of a modal tells nothing of it."""
    if block["type"] != "input":
        return block
    element: Json = block["element"]
    if element["type"] == "plain_text_input":
        element = {**element, "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}
    return {**block, "element": element, "dispatch_action": True}


def errors_body(errors: Mapping[str, str]) -> Json:
    """Return what a submitted modal is answered with to stay open and show these errors."""
    return {"response_action": "errors", "errors": dict(errors)}


def errors_for_view(field_errors: Mapping[str, str], view: Json) -> dict[str, str]:
    """Return what is shown beside the inputs that the view has; Slack refuses an error for any other."""
    names = _inputs(view)
    return {name: one_line(problem, limits.LABEL) for name, problem in field_errors.items() if name in names}


def errors_of_form(form: Form, view: Json) -> dict[str, str]:
    """Return the errors that a form carries, as far as the view that was submitted can show them."""
    return errors_for_view(form_errors(form), view)


def first_error(problem: str, view: Json) -> dict[str, str]:
    """Return a problem of the whole form as the error of its first input; empty when it has none."""
    return {name: one_line(problem, limits.LABEL) for name in _inputs(view)[:1]}


def _inputs(view: Json) -> list[str]:
    blocks = view.get("blocks")
    return [
        str(block.get("block_id"))
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, dict) and block.get("type") == "input"
    ]


def home_blocks(message: Message) -> list[Json]:
    """Return a message's blocks as a home tab takes them: figures as aligned text, no tables or charts."""
    try:
        view = render_form(Form(title=_HOME_TITLE, blocks=message.blocks, token=""))
    except TooLarge:
        view = render_form(Form(title=_HOME_TITLE, blocks=said(message.summary).blocks, token=""))
    blocks: list[Json] = view["blocks"]
    return blocks
