"""Messages with some of their buttons taken away: what can no longer work is not offered any more."""

from collections.abc import Collection
from dataclasses import replace

from bot.messages.blocks import Actions, Block, Message


def tokens_of(message: Message) -> frozenset[str]:
    """What the message's buttons ask for."""
    return frozenset(button.token for block in message.blocks if isinstance(block, Actions) for button in block.buttons)


def thinned(message: Message, able: Collection[str]) -> Message:
    """The message with only those buttons whose tokens are among the given ones."""
    blocks: list[Block] = []
    for block in message.blocks:
        if not isinstance(block, Actions):
            blocks.append(block)
        elif kept := tuple(button for button in block.buttons if button.token in able):
            blocks.append(Actions(kept))
    return replace(message, blocks=tuple(blocks))
