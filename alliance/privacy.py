"""What is stored about a person, by kind, and how a person is taken out of what both companies keep."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from alliance.ids import MemberId

REMOVED = "(removed at the author's request)"
FORMER = "a former member"
SHORTEST_QUOTE = 12
"""Characters. Shorter words are nobody's in particular, so they go only where their author is named."""

_AUTHORS = ("author", "by", "member_id")
_OWN_WORDS = frozenset({"text", "more", "facts", "need", "other_needs", "reason", "moved", "next", "in_the_way"})
_MAY_QUOTE = _OWN_WORDS | {"evidence"}
_NOT_AN_ANSWER = frozenset({"member_id", "side", "course", "criterion", "standing"})


class Trace(StrEnum):
    """A kind of thing that is stored about a person; each is also the words that they read."""

    CHECKIN_ANSWERS = "check-in answers"
    CHECKPOINT_ANSWERS = "checkpoint answers"
    OPEN_PULSES = "open pulses you took part in"
    ESCALATIONS = "escalations you raised"
    STATEMENTS = "statements and other words of yours in escalations"
    ACTION_ITEMS = "action items you own"
    AUDIT_WORDS = "words of yours behind entries of the audit trail"
    DRAFTS = "dialogs you began and did not send"
    CONVERSATIONS = "chat conversations with the liaison"
    MESSAGES = "messages to you"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to be taken out of stored documents, and everything of theirs that was found under their id."""

    id: MemberId
    name: str
    words: frozenset[str] = frozenset()

    @property
    def quotes(self) -> list[str]:
        """Words of theirs long enough to be known as theirs wherever they stand, longest first."""
        told = [text for text in self.words if len(text) >= SHORTEST_QUOTE and text != REMOVED]
        return sorted(told, key=len, reverse=True)


def own_words(stored: object, member_id: MemberId) -> Iterator[str]:
    """Yield what a person wrote in a stored document, wherever it names them as the author."""
    if isinstance(stored, Mapping):
        mine = _author(stored) == member_id
        for key, value in stored.items():
            if mine and key in _OWN_WORDS and isinstance(value, str) and value:
                yield value
            yield from own_words(value, member_id)
    elif isinstance(stored, Sequence) and not isinstance(stored, str):
        for part in stored:
            yield from own_words(part, member_id)


def texts_of(answer: object) -> Iterator[str]:
    """Yield every text of a person's own stored answer."""
    if isinstance(answer, str) and answer:
        yield answer
    elif isinstance(answer, Mapping):
        for key, value in answer.items():
            if key not in _NOT_AN_ANSWER:
                yield from texts_of(value)
    elif isinstance(answer, Sequence) and not isinstance(answer, str):
        for part in answer:
            yield from texts_of(part)


def without(person: Person, stored: object) -> object:
    """Return a stored document without a person's name and words.

    Titles and decisions stay: they are both companies'. So do totals, dates, states and ids.
    """
    return _without(person, stored, key="", author=None)


def mentions(person: Person, texts: Collection[str]) -> bool:
    """Whether any of the texts holds the person's name or a quote of theirs."""
    return any(_without_quotes(person, _unnamed(person, text)) != text for text in texts)


def _without(person: Person, stored: object, *, key: str, author: object) -> object:
    """`key` is what the value stands under, `author` the id that stands beside it, if any."""
    match stored:
        case str():
            return _unnamed(person, _unquoted(person, stored, key, author))
        case Mapping():
            author = _author(stored)
            return {name: _without(person, value, key=str(name), author=author) for name, value in stored.items()}
        case list() | tuple():
            return [_without(person, part, key=key, author=None) for part in stored]
        case _:
            return stored


def _author(stored: Mapping[object, object]) -> object:
    return next((stored[name] for name in _AUTHORS if stored.get(name)), None)


def _unquoted(person: Person, text: str, key: str, author: object) -> str:
    if key in _OWN_WORDS and author == person.id and text:
        return REMOVED
    if key not in _MAY_QUOTE:
        return text
    if author is None and text in person.words:
        return REMOVED
    return _without_quotes(person, text)


def _without_quotes(person: Person, text: str) -> str:
    for quote in person.quotes:
        text = text.replace(quote, REMOVED)
    return text


def _unnamed(person: Person, text: str) -> str:
    """A single word may mean other things than a person, so only a name of several words is looked for."""
    if len(person.name.split()) < 2 or person.name not in text:
        return text
    return re.sub(rf"(?<!\w){re.escape(person.name)}(?!\w)", FORMER, text)
