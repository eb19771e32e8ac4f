"""What is asked to read again what both companies were told: pulse results, the audit trail."""

from dataclasses import dataclass

from alliance.permissions import Right
from handlers.intents import PersonIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPulseResults(PersonIntent):
    """Wants the newest published results, as both companies got them."""

    right = Right.READ_PULSE_RESULTS
    only_reads = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTrail(PersonIntent):
    """Wants the end of the audit trail, and to know whether all of it holds."""

    right = Right.READ_TRAIL
    only_reads = True
