"""One thing that the doctor looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    FINE = "fine"
    LOOK = "look"
    """It could not be proven, or is worth a look; nothing is known to be wrong."""
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether it is fine, what was seen, and what to do when it is not."""

    what: str
    health: Health
    seen: str
    mend: str = ""


def health(fine: bool) -> Health:  # noqa: FBT001 - the question it answers stands at the call
    return Health.FINE if fine else Health.MEND
