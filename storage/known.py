"""Rosters that were read before, so that a request need not read all members of an alliance to let one of them in."""

import time
from collections import OrderedDict

from alliance.ids import AllianceId
from alliance.roster import Roster

_MOST = 500
"""Rosters; one of 200 members takes about 200 KB."""
_RELIED_ON = 10.0
"""Seconds for which a roster is relied on that was not changed: a replica of the version before marks no change."""


class KnownRosters:
    """Rosters of this process by the revision they were read at. A revision is asked of the database every time."""

    def __init__(self) -> None:
        self._known: OrderedDict[AllianceId, tuple[str, float, Roster]] = OrderedDict()

    def at(self, alliance_id: AllianceId, revision: str) -> Roster | None:
        """The roster of that revision; None when it has to be read."""
        known, since, roster = self._known.get(alliance_id, ("", 0.0, None))
        return roster if known == revision and time.monotonic() - since < _RELIED_ON else None

    def keep(self, roster: Roster, revision: str) -> None:
        """Remember a roster that was read after its revision was."""
        self._known[roster.alliance_id] = (revision, time.monotonic(), roster)
        self._known.move_to_end(roster.alliance_id)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
