"""Who may ask for what: every right and the tiers that hold it. Deny by default; the same on both sides."""

from collections.abc import Mapping
from enum import StrEnum

from alliance.errors import NotAMember, NotPermitted
from alliance.roster import Member, Tier


class Right(StrEnum):
    PROPOSE_CHARTER = "propose a charter version"
    SIGN_CHARTER = "sign or decline a charter version"
    READ_CHARTER = "read the charter"
    ANSWER_CHECKIN = "answer a check-in"
    ANSWER_PULSE = "answer a pulse"
    READ_PULSE_RESULTS = "read pulse results"
    READ_TRAIL = "read the audit trail"
    RAISE_ESCALATION = "raise an escalation"
    ACT_ON_ESCALATION = "act on an escalation"
    READ_ESCALATION = "read an escalation"
    NAME_MEDIATOR = "name the mediator"
    OPEN_CHECKPOINT = "open a checkpoint"
    ANSWER_CHECKPOINT = "answer a checkpoint"
    RECORD_DECISION = "record a decision"
    DECIDE_ACTION_ITEM = "decide an action item"
    READ_ACTION_ITEMS = "read action items"
    FINISH_ACTION_ITEM = "mark an action item done"
    READ_DIGEST = "read the digest"
    READ_STATUS = "read the alliance's status"
    SET_AWAY = "say when you are away"
    ASK_WHAT_IS_STORED = "ask what is stored about you"
    BE_FORGOTTEN = "have what is stored about you deleted"


_EVERYONE = frozenset(Tier)
_BOTH_SIDES = _EVERYONE - {Tier.MEDIATOR}
_LEADS = frozenset({Tier.MANAGER, Tier.ALLIANCE_MANAGER})
_MANAGERS_AND_UP = _LEADS | {Tier.EXECUTIVE}

TIERS: Mapping[Right, frozenset[Tier]] = {
    Right.PROPOSE_CHARTER: frozenset({Tier.ALLIANCE_MANAGER}),
    Right.SIGN_CHARTER: frozenset({Tier.EXECUTIVE}),
    Right.READ_CHARTER: _EVERYONE,
    Right.ANSWER_CHECKIN: frozenset({Tier.OPERATIONAL}),
    Right.ANSWER_PULSE: _BOTH_SIDES,
    Right.READ_PULSE_RESULTS: _LEADS,
    Right.READ_TRAIL: _MANAGERS_AND_UP,
    Right.RAISE_ESCALATION: _BOTH_SIDES,
    Right.ACT_ON_ESCALATION: _EVERYONE,
    Right.READ_ESCALATION: _EVERYONE,
    Right.NAME_MEDIATOR: _BOTH_SIDES,
    Right.OPEN_CHECKPOINT: frozenset({Tier.ALLIANCE_MANAGER}),
    Right.ANSWER_CHECKPOINT: _MANAGERS_AND_UP,
    Right.RECORD_DECISION: _MANAGERS_AND_UP,
    Right.DECIDE_ACTION_ITEM: _MANAGERS_AND_UP,
    Right.READ_ACTION_ITEMS: _BOTH_SIDES,
    Right.FINISH_ACTION_ITEM: _BOTH_SIDES,
    Right.READ_DIGEST: frozenset({Tier.EXECUTIVE, Tier.ALLIANCE_MANAGER}),
    Right.READ_STATUS: _EVERYONE,
    Right.SET_AWAY: _EVERYONE,
    Right.ASK_WHAT_IS_STORED: _EVERYONE,
    Right.BE_FORGOTTEN: _EVERYONE,
}


def require(member: Member | None, right: Right) -> Member:
    """Return the member when they hold the right; NotAMember or NotPermitted (naming who does) otherwise.

    Being on a certain escalation, or being invited to a certain round, is asked by the rules of that feature too.
    """
    if member is None or not member.active:
        raise NotAMember
    if member.tier not in TIERS[right]:
        holders = ", ".join(f"{tier}s" for tier in Tier if tier in TIERS[right])
        raise NotPermitted(f"Only {holders} can {right}. Nothing was changed.")
    return member
