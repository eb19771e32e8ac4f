"""The agreed thresholds of early warnings, and which of them may open an escalation by itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Triggers:
    """`floor` is on the 1-to-5 scale, rates are shares 0 to 1; `open_escalation` names rules that act by themselves."""

    floor: float = 3.0
    response_drop: float = 0.25
    late_acknowledgements: int = 2
    blocker_rounds: int = 3
    slipping_action_items: int = 3
    open_escalation: tuple[str, ...] = ()
