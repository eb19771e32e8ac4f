"""The Slack look: messages as Block Kit blocks, forms as modal views.

Whoever sends a `Rendered` also sends `mrkdwn=False` and `link_names=False`, so that its `text` stays literal.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Chart,
    Choice,
    DateBox,
    Facts,
    Form,
    Heading,
    Message,
    Note,
    Paragraph,
    Progress,
    Quote,
    Rule,
    Scale,
    Strong,
    Table,
    Text,
    TextBox,
    paragraph,
    table_of,
)
from bot.messages.literal import NOTHING, literal, one_line, shorten
from bot.messages.parts import Json, Piece, Pieces, Role, role_of, split
from bot.messages.plain import progress_bar
from bot.slack import limits
from bot.slack.figures import aligned_blocks, can_be_drawn, chart_block, table_blocks
from bot.slack.inline import escaped, plain_text, rich_text, runs, section, size_of, styled
from bot.slack.inputs import action_blocks, input_block

_CLOSE = "Cancel"
_NEW_LINE = "\n"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one call of chat.postMessage or chat.update shows."""

    text: str
    blocks: tuple[Json, ...]


class TooLarge(ValueError):
    """More blocks to fill in than Slack shows at once; no cut can mend it, the template must ask for less."""


def render(message: Message) -> tuple[Rendered, ...]:
    """Show the message; in several parts only when it is too large for one, the buttons in the last.

    Raises:
        TooLarge: there are inputs, and their part has more than 50 blocks.
    """
    text = escaped(shorten(literal(message.summary), limits.TOP_TEXT, lambda letter: len(escaped(letter))))
    parts = split(tuple(_pieces(_introduced(message))), _fits)
    shown = [
        Rendered(text or NOTHING, tuple(element for piece in part for element in piece.elements)) for part in parts
    ]
    if any(len(part.blocks) > limits.BLOCKS_IN_MESSAGE for part in shown):
        raise TooLarge(f"{max(len(part.blocks) for part in shown)} blocks in one message")
    return tuple(shown)


def render_form(form: Form) -> Json:
    """Show the form as a modal view that carries its token as callback_id and as private_metadata.

    Raises:
        TooLarge: more than 100 blocks.
    """
    blocks = [element for block in form.blocks for group in _groups(block) for element in group]
    if len(blocks) > limits.BLOCKS_IN_MODAL:
        raise TooLarge(f"{len(blocks)} blocks in one form")
    return {
        "type": "modal",
        "callback_id": form.token,
        "private_metadata": form.token,
        "title": plain_text(form.title, limits.MODAL_TITLE),
        "submit": plain_text(form.submit, limits.MODAL_TITLE),
        "close": plain_text(_CLOSE, limits.MODAL_TITLE),
        "blocks": blocks or [rich_text(section([styled(one_line(form.title, limits.TEXT))]))],
    }


def form_errors(form: Form) -> dict[str, str]:
    """Return what `response_action: errors` shows beside each field, by block_id.

    Slack refuses an error for a field that is not there, so such an error is shown at the first field.
    """
    names = [block.name for block in form.blocks if isinstance(block, Scale | Choice | TextBox | DateBox)]
    errors: dict[str, str] = {}
    for name, problem in form.errors if names else ():
        place = name if name in names else names[0]
        shown = one_line(problem, limits.LABEL)
        errors[place] = f"{errors[place]} {shown}" if place in errors else shown
    return errors


def _introduced(message: Message) -> tuple[Block, ...]:
    """Begin with the summary where the first block makes no sense as a notification.

    Slack's desktop notifications take their text from the blocks since July 2026.
    """
    match message.blocks:
        case (Heading() | Paragraph(), *_) | ():
            return message.blocks
        case _:
            return (paragraph(message.summary), *message.blocks)


def _fits(pieces: Pieces) -> bool:
    blocks = sum(len(piece.elements) for piece in pieces)
    return blocks <= limits.BLOCKS_IN_MESSAGE and sum(piece.size for piece in pieces) <= limits.BLOCKS_JSON


def _pieces(blocks: Iterable[Block]) -> Iterator[Piece]:
    blocks = tuple(blocks)
    charts, tables = limits.CHARTS_IN_MESSAGE, limits.TABLES_IN_MESSAGE
    # A table has more to say in the little room there is than the figures of a chart that cannot be drawn.
    spare = tables - sum(isinstance(block, Table) for block in blocks)
    for block in blocks:
        if isinstance(block, Chart) and charts and can_be_drawn(block):
            charts -= 1
            yield _piece((chart_block(block),), Role.READ)
        elif (isinstance(block, Table) and tables > 0) or (isinstance(block, Chart) and spare > 0):
            tables -= 1
            spare -= isinstance(block, Chart)
            yield _piece(table_blocks(table_of(block) if isinstance(block, Chart) else block), Role.READ)
        else:
            for group in _groups(block):
                yield _piece(group, role_of(block))


def _piece(elements: tuple[Json, ...], role: Role) -> Piece:
    counted = [element for element in elements if element["type"] != "table"]
    return Piece(elements, role, size_of(*counted))


def _groups(block: Block) -> tuple[tuple[Json, ...], ...]:
    """Return the block's elements, in groups that may be parted from each other.

    Figures are aligned text here: modals take no tables, and messages only the few that `_pieces` counts.
    """
    match block:
        case Heading(text):
            return (({"type": "header", "text": plain_text(text, limits.HEADER)},),)
        case Paragraph(line):
            return _said(runs(line))
        case Note():
            return _note(block)
        case Quote():
            return ((_quote(block),),)
        case Facts():
            return tuple((made,) for made in _facts(block))
        case Bullets():
            return tuple((made,) for made in _bullets(block))
        case Table():
            return (aligned_blocks(block),)
        case Chart():
            return (aligned_blocks(table_of(block)),)
        case Progress():
            return _said(_progress(block))
        case Rule():
            return (({"type": "divider"},),)
        case Actions():
            return tuple((row,) for row in action_blocks(block))
        case Scale() | Choice() | TextBox() | DateBox():
            return ((input_block(block),),)
        case _:
            assert_never(block)


def _said(elements: list[Json]) -> tuple[tuple[Json, ...], ...]:
    return ((rich_text(section(elements)),),) if elements else ()


def _note(note: Note) -> tuple[tuple[Json, ...], ...]:
    """Small print is a context block, which takes literal text but no date, link or person: then italics."""
    if not all(isinstance(part, Text | Strong) for part in note.line):
        return _said(runs(note.line, italic=True))
    text = "".join(part.text for part in note.line if isinstance(part, Text | Strong))
    shown = shorten(literal(text), limits.TEXT)
    if not shown.strip():
        return ()
    return (({"type": "context", "elements": [{"type": "plain_text", "text": shown, "emoji": False}]},),)


def _quote(quote: Quote) -> Json:
    said = shorten(literal(quote.text), limits.TEXT) or " "
    words = {"type": "rich_text_quote", "elements": [styled(said)]}
    if not quote.author:
        return rich_text(words)
    return rich_text(words, section([styled(f"— {one_line(quote.author, limits.HEADER)}", "italic")]))


def _facts(facts: Facts) -> Iterator[Json]:
    rows: list[Json] = []
    for fact in facts.rows:
        row = [styled(f"{one_line(fact.label, limits.HEADER)}:", "bold"), styled(" "), *runs(fact.value)]
        if rows and size_of(*rows, *row) > limits.BLOCK_JSON:
            yield rich_text(section(rows))
            rows = []
        rows += [styled(_NEW_LINE), *row] if rows else row
    if rows:
        yield rich_text(section(rows))


def _bullets(bullets: Bullets) -> Iterator[Json]:
    items: list[Json] = []
    for line in bullets.items:
        item = section(runs(line))
        if items and size_of(*items, item) > limits.BLOCK_JSON:
            yield _list(items)
            items = []
        items.append(item)
    if items:
        yield _list(items)


def _list(items: list[Json]) -> Json:
    return rich_text({"type": "rich_text_list", "style": "bullet", "elements": items})


def _progress(progress: Progress) -> list[Json]:
    label = styled(f"{one_line(progress.label, limits.HEADER)}:", "bold")
    return [label, styled(f" {progress_bar(progress, '▰', '▱')}")]
