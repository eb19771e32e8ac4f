"""Who has read what: unread marks, as each platform's client keeps them."""

from collections.abc import Iterable

from sandbox.web.window import PlaceName, ShownMessage


class Reading:
    """Remembers for each person and place which messages were there when it was last opened, and the time before."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, PlaceName], frozenset[str]] = {}
        self._before: dict[tuple[str, PlaceName], frozenset[str]] = {}

    def opened(self, person: str, place: PlaceName, messages: Iterable[ShownMessage]) -> None:
        """All that stands there now is read; what was unread until now counts as new a last time."""
        where = (person, place)
        self._before[where] = self._read.get(where, frozenset())
        self._read[where] = frozenset(message.id for message in messages)

    def unread(self, person: str, place: PlaceName, messages: Iterable[ShownMessage]) -> int:
        read = self._read.get((person, place), frozenset())
        return sum(message.id not in read and message.author != person for message in messages)

    def is_new(self, person: str, place: PlaceName, message: ShownMessage) -> bool:
        """Whether it had not been read when this place was last opened."""
        return message.id not in self._before.get((person, place), frozenset()) and message.author != person
