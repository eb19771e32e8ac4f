"""Who hears what: the same tiers of both companies, all of them, and nobody else."""

import pytest

from alliance import notices as n
from alliance.audience import ToMember, audience
from alliance.roster import Tier
from bot.messages import sample
from bot.messages.catalog import TEMPLATES

OPERATIONAL, MANAGER, ALLIANCE_MANAGER, EXECUTIVE = (
    Tier.OPERATIONAL,
    Tier.MANAGER,
    Tier.ALLIANCE_MANAGER,
    Tier.EXECUTIVE,
)
HEARD_BY: dict[type[n.Notice], set[Tier]] = {
    n.CharterDrafted: {ALLIANCE_MANAGER},
    n.CharterProposed: {ALLIANCE_MANAGER, EXECUTIVE},
    n.CharterSigned: {ALLIANCE_MANAGER, EXECUTIVE},
    n.CharterDeclined: {ALLIANCE_MANAGER, EXECUTIVE},
    n.CharterLapsed: {ALLIANCE_MANAGER, EXECUTIVE},
    n.CharterInForce: {OPERATIONAL, MANAGER, ALLIANCE_MANAGER, EXECUTIVE},
    n.CheckinClosed: {OPERATIONAL, MANAGER, ALLIANCE_MANAGER},
    n.PulseClosed: {MANAGER, ALLIANCE_MANAGER},
    n.CheckpointClosed: {MANAGER, ALLIANCE_MANAGER, EXECUTIVE},
    n.DecisionRecorded: {MANAGER, ALLIANCE_MANAGER, EXECUTIVE},
    n.ActionItemDone: {ALLIANCE_MANAGER},
    n.WarningFound: {ALLIANCE_MANAGER},
    n.AdministrativeRead: {ALLIANCE_MANAGER},
}


@pytest.mark.parametrize("kind", HEARD_BY, ids=lambda kind: kind.__name__)
def test_all_of_these_tiers_hear_it_on_both_sides_and_nobody_else(kind: type[n.Notice]) -> None:
    roster = sample.ROSTER
    wanted = {m.id for m in roster.members if m.active and m.side and m.tier in HEARD_BY[kind]}

    for notice in TEMPLATES[kind].examples:
        heard = {to.member_id for to in audience(notice, roster) if isinstance(to, ToMember)}
        of_companies = {member for member in heard if roster.member(member).side}

        assert of_companies == wanted
        assert heard == wanted or kind is n.CharterInForce, "the mediator hears what binds everybody"


@pytest.mark.parametrize("tier", [OPERATIONAL, MANAGER, ALLIANCE_MANAGER, EXECUTIVE])
def test_the_sample_has_somebody_of_each_tier_on_both_sides(tier: Tier) -> None:
    assert all(sample.ROSTER.active(side.key, [tier]) for side in sample.ROSTER.sides)
