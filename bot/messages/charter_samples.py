"""The sample alliance's charter, for examples: what a first version says, and what an amendment changes."""

import datetime as dt
from dataclasses import replace
from fractions import Fraction

from alliance.cadence import Cadence
from alliance.calendar import Window
from alliance.charter import (
    Charter,
    CheckinTerms,
    CheckpointTerms,
    Criterion,
    DecisionArea,
    Direction,
    PulseTerms,
    Reach,
    Term,
    diff,
)
from alliance.protocol import Protocol, with_levels
from bot.messages.sample import DC, MC

CHARTER = Charter(
    purpose="Launch a joint service offering: MC's machines, sold and looked after by DC.",
    why_it_matters={
        DC: "Service is how DC stays worth calling after the sale.",
        MC: "Service brings MC close to its customers.",
    },
    joint_goals=("Ten pilot customers served by the end of June.",),
    own_goals={DC: ("Build a service team.",), MC: ("Feed what is learnt in the field back into design.",)},
    criteria=(
        Criterion(
            key="pilots",
            name="Pilot customers served",
            unit="customers",
            target=10,
            direction=Direction.HIGHER,
            due=dt.date(2026, 6, 30),
            owners={DC: "ben", MC: "katrin"},
        ),
    ),
    decisions=(DecisionArea("Price of the service packages", {DC: "dana", MC: "mara"}),),
    protocol=Protocol(),
    checkin=CheckinTerms(Cadence("FREQ=WEEKLY;BYDAY=TU", dt.time(10))),
    pulse=PulseTerms(Cadence("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", dt.time(10)), dimensions=("trust", "communication")),
    checkpoints=CheckpointTerms(dates=(dt.date(2026, 4, 7), dt.date(2026, 6, 30))),
    reach={DC: Reach(), MC: Reach(back_up="email to the alliance manager")},
    glossary=(Term("The first day on which a customer can order", {DC: "launch", MC: "go-live"}),),
    exit_terms="Either company may leave with 60 days' notice.",
)

_first, *_rest = CHARTER.protocol.levels
AMENDED = replace(
    CHARTER,
    joint_goals=("Twelve pilot customers served by the end of July.",),
    protocol=with_levels(CHARTER.protocol, (replace(_first, resolve=Window(days=Fraction(3))), *_rest)),
    checkin=CheckinTerms(Cadence("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", dt.time(10))),
)
CHANGES = diff(CHARTER, AMENDED)
