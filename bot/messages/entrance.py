"""What is said at the entrance, before the desk is asked: to people of workspaces that are not served."""

from bot.messages.blocks import Message
from bot.messages.replies import said


def for_own_people() -> Message:
    """To somebody of another company's workspace."""
    return said(
        "The liaison here answers people of this workspace only. Your own company has it in its own "
        "workspace; nothing about you was kept."
    )


def not_connected() -> Message:
    """To somebody in a workspace that the liaison does not know."""
    return said("The liaison is not connected to this workspace. Please ask your operator to add it.")


def too_long_for_here() -> Message:
    """Instead of a form with more questions than a message can hold."""
    return said("This form is too long to be shown as a message. Please press its button again.")
