"""What the liaison says when somebody meets it, and where an answer belongs somewhere else."""

from collections.abc import Mapping

from bot.messages.blocks import Bullets, Message, line, paragraph
from bot.messages.replies import said

NOTED = "Noted."


def welcome() -> Message:
    """For a member who just added the liaison."""
    return Message(
        summary="Hello, I am the liaison of your alliance.",
        blocks=(
            paragraph("Hello, I am the liaison of your alliance: neutral between the two companies."),
            Bullets(
                (
                    line("I ask for short check-ins and pulses, here in this chat."),
                    line("I carry concerns to the right people on both sides, and keep the time."),
                    line("I tell both companies the same, in the same words."),
                )
            ),
            paragraph('Say "help" to see what you can ask, or "status" to see where things stand.'),
        ),
    )


def stranger() -> Message:
    """For somebody who is in no alliance here, as far as the liaison can tell."""
    return said(
        "Hello, I am the liaison between two companies in an alliance. I do not know you yet: "
        "your alliance manager can add you."
    )


def answered_privately() -> Message:
    return said("I answered in our personal chat, since others read along here.")


def chat_needed() -> Message:
    return said("I answer in a personal chat only. Please add me there first, then ask again.")


def with_mistakes(message: Message, mistakes: Mapping[str, str]) -> Message:
    """The message with what is wrong with each input, for places where no fields can be shown."""
    sentences = tuple(mistakes.values())
    return Message(
        summary=" ".join((message.summary, *sentences)),
        blocks=(*message.blocks, Bullets(tuple(line(sentence) for sentence in sentences))),
    )
