"""What answers an invoke: a card, a line of text, a dialog. Pure functions from an answer to Teams' JSON.

https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model and
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
"""

from bot.messages.blocks import Form, Message, paragraph
from bot.messages.literal import one_line
from bot.messages.parts import Json
from bot.teams import limits
from bot.teams.inline import inert, weight
from bot.teams.platform import CARD
from bot.teams.render import render_form

TEXT = "application/vnd.microsoft.activity.message"
ERROR = "application/vnd.microsoft.error"


def card_answer(card: Json) -> Json:
    """The pressed card is drawn anew, for the one who pressed."""
    return {"statusCode": 200, "type": CARD, "value": card}


def text_answer(text: str) -> Json:
    """A line beside the card, which stays as it is with all that was typed into it.

    Refusals come this way too: for an error type Teams shows words of its own and not the reason.
    """
    return {"statusCode": 200, "type": TEXT, "value": text}


def unreadable_answer(reason: str) -> Json:
    """For an invoke that no card of ours can have sent."""
    return {"statusCode": 400, "type": ERROR, "value": {"code": "BadRequest", "message": reason}}


def dialog_answer(form: Form, *, opened_by: str) -> Json:
    """A dialog with the form; `opened_by` comes back with what is sent, so that it can be made again."""
    card = render_form(form)
    submit = card["actions"][0]
    opened = {**submit, "data": {**submit["data"], "opened_by": opened_by}}
    task = {
        "title": one_line(form.title, limits.SUMMARY, weight),
        "height": "large",
        "width": "medium",
        "card": {"contentType": CARD, "content": {**card, "actions": [opened, *card["actions"][1:]]}},
    }
    return {"task": {"type": "continue", "value": task}}


def closing_answer(text: str) -> Json:
    """The dialog closes with a line of text."""
    return {"task": {"type": "message", "value": text}}


def text_of(message: Message) -> str:
    """The message in one line, for a place that shows no card."""
    return inert(one_line(message.summary, limits.SUMMARY, weight))


def says_more(message: Message) -> bool:
    """Whether the message holds more than its one line."""
    return message.blocks != (paragraph(message.summary),)
