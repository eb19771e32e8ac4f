"""The Teams look: messages and forms as Adaptive Cards 1.5.

Charts are the one thing beyond 1.5; each carries a table as its fallback.
"""

import json
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
)
from bot.messages.literal import literal, one_line, shorten
from bot.messages.parts import Json, Piece, Pieces, role_of, split
from bot.messages.plain import progress_bar
from bot.teams import limits
from bot.teams.figures import chart_elements, table_elements
from bot.teams.inline import (
    Tags,
    inert,
    line_element,
    rich_text,
    runs,
    size_of,
    tags_of,
    text_run,
    title,
    weight,
)
from bot.teams.inputs import action_sets, input_element

_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_CLOSE_BY: Json = {"spacing": "Small"}
_BULLET = Text("•  ")

Groups = tuple[tuple[Json, ...], ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one activity shows: `summary` is its plain notification text, `card` its only attachment."""

    summary: str
    card: Json


def render(message: Message) -> tuple[Rendered, ...]:
    """Show the message; in several cards only when it is too large for one, the buttons in the last.

    A card with inputs is never cut among them, and may then weigh more than our budget.
    """
    tags = tags_of(message.blocks)
    summary = one_line(message.summary, limits.SUMMARY, weight)
    parts = split(tuple(_pieces(message.blocks, tags)), _fits)
    cards = [_card([element for piece in part for element in piece.elements], summary, tags) for part in parts]
    if message.refresh and len(cards) == 1:
        cards[0]["refresh"] = {"action": _refreshing(message.refresh)}
    return tuple(Rendered(summary, card) for card in cards)


def _refreshing(token: str) -> Json:
    """Teams runs it when the card comes into view, and shows the reader the card that answers it."""
    return {"type": "Action.Execute", "title": "Refresh", "verb": token, "data": {"token": token}}


def render_form(form: Form) -> Json:
    """Show the form as the card of a dialog; what is wrong with an input stands directly under it.

    What a person has typed is shown again only when the form's inputs carry it.
    """
    tags = tags_of(form.blocks)
    body = [_problem(problem) for problem in _homeless(form)]
    for element, block in _ruled(form.blocks, tags, in_form=True):
        body.extend(element)
        if isinstance(block, Scale | Choice | TextBox | DateBox):
            body.extend(_problem(problem) for name, problem in form.errors if name == block.name)
    submit = {
        "type": "Action.Submit",
        "title": title(form.submit, limits.BUTTON),
        "data": {"token": form.token},
    }
    return {**_card(body, one_line(form.title, limits.SUMMARY, weight), tags), "actions": [submit]}


def _card(body: list[Json], summary: str, tags: Tags) -> Json:
    text = json.dumps(body, ensure_ascii=False) if tags else ""
    people = [_entity(address, tag) for address, tag in tags.items() if tag in text]
    return {
        "type": "AdaptiveCard",
        "$schema": _SCHEMA,
        "version": limits.VERSION,
        "fallbackText": inert(summary),
        "body": body,
        "msteams": {"width": "Full", **({"entities": people} if people else {})},
    }


def _entity(address: str, tag: str) -> Json:
    name = tag.removeprefix("<at>").removesuffix("</at>")
    return {"type": "mention", "text": tag, "mentioned": {"id": address, "name": name}}


def _fits(pieces: Pieces) -> bool:
    return sum(piece.size for piece in pieces) <= limits.CARD - limits.FRAME


def _pieces(blocks: Iterable[Block], tags: Tags) -> Iterator[Piece]:
    for elements, block in _ruled(blocks, tags):
        text = json.dumps(elements, ensure_ascii=False)
        people = [_entity(address, tag) for address, tag in tags.items() if tag in text]
        yield Piece(elements, role_of(block), size_of(*elements, *people))


def _ruled(blocks: Iterable[Block], tags: Tags, *, in_form: bool = False) -> Iterator[tuple[tuple[Json, ...], Block]]:
    """Yield each block's groups of elements; a card has no dividing line, so the next element draws it."""
    ruled = False
    for block in blocks:
        if isinstance(block, Rule):
            ruled = True
            continue
        for group in _groups(block, tags, in_form=in_form):
            if ruled and group:
                first, *others = group
                yield ({**first, "separator": True, "spacing": "Medium"}, *others), block
                ruled = False
            else:
                yield group, block


def _groups(block: Block, tags: Tags, *, in_form: bool) -> Groups:
    """Return the block's elements, in groups that may be parted from each other."""
    match block:
        case Heading(text):
            run = text_run(title(text, limits.TITLE), size="Large", weight="Bolder")
            return ((rich_text([run]),),)
        case Paragraph(line):
            return _said(line_element(line, tags))
        case Note(line):
            return _said(line_element(line, tags, look={"isSubtle": True, "size": "Small"}, place=_CLOSE_BY))
        case Quote():
            return ((_quote(block),),)
        case Facts():
            return tuple((made,) for made in _facts(block, tags))
        case Bullets(items):
            shown = (line_element((_BULLET, *item), tags, place=_CLOSE_BY) for item in items)
            return tuple((made,) for made in shown if made)
        case Table():
            return table_elements(block)
        case Chart():
            return chart_elements(block)
        case Progress(label):
            words = f"{title(label, limits.TITLE)}:"
            bar = text_run(f" {progress_bar(block, '▰', '▱')}")
            return ((rich_text([text_run(words, weight="Bolder"), bar]),),)
        case Rule():
            return ()
        case Actions():
            return tuple((row,) for row in action_sets(block, in_form=in_form))
        case Scale() | Choice() | TextBox() | DateBox():
            return ((input_element(block),),)
        case _:
            assert_never(block)


def _said(element: Json | None) -> Groups:
    return ((element,),) if element else ()


def _quote(quote: Quote) -> Json:
    said = inert(shorten(literal(quote.text), limits.TEXT, weight)) or " "
    items = [rich_text([text_run(said)])]
    if quote.author:
        author = text_run(f"— {title(quote.author, limits.TITLE)}", isSubtle=True, size="Small")
        items.append(rich_text([author], **_CLOSE_BY))
    return {"type": "Container", "style": "emphasis", "items": items}


def _facts(facts: Facts, tags: Tags) -> Iterator[Json]:
    for index, fact in enumerate(facts.rows):
        label = Strong(f"{one_line(fact.label, limits.TITLE, weight)}:")
        place = _CLOSE_BY if index else None
        made = line_element((label, Text(" "), *fact.value), tags, place=place)
        if made:
            yield made


def _problem(problem: str) -> Json:
    words = runs((Text(one_line(problem, limits.TITLE, weight)),), color="Attention")
    return rich_text(words, **_CLOSE_BY)


def _homeless(form: Form) -> list[str]:
    """Return what is wrong with nothing that the form shows, to be said at its top."""
    names = {block.name for block in form.blocks if isinstance(block, Scale | Choice | TextBox | DateBox)}
    return [problem for name, problem in form.errors if name not in names]
