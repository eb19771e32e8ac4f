"""What teammates do with what they see: one function for each thing that the liaison asks of people."""

import datetime as dt
from collections.abc import Callable, Mapping

from sandbox.people import Deed, Kind, Teammate
from sandbox.seats import Seen, SeenButton, SeenInput

Decide = Callable[[Teammate, Seen, SeenButton, int], Deed | None]
"""Gets the person, what they see, the button that asks, and how often they were asked for it; None: not now."""

STUBBORN_TIERS = frozenset({"operational", "manager", "alliance manager"})
"""Who cannot agree about the matter that the story is about; the executives can."""
MATTER = "launch date"
BLOCKED_BY = "The launch date for the pilot moved again and nobody here was asked."
BLOCKED_ROUNDS = (2, 3, 4)
"""The check-ins in which Ana Ruiz names the same blocker, so that the third opens an escalation by itself."""
MOVED = (
    "Two customers said yes to the pilot.",
    "The service catalogue has a first draft.",
    "Training material for the field team is half done.",
    "The spare parts list is complete.",
    "We cleared the open questions on onboarding.",
)
NEXT = (
    "Visit the third customer.",
    "Agree the content of the service package.",
    "Run the first training day.",
    "Set up the return process.",
    "Check the software with real orders.",
)
NEEDS = (
    "A named person at the other company for quick questions.",
    "The final price list by Friday.",
    "Access to the test machine.",
)
COMMENTS = (
    "We talk more than in the first weeks, and it shows.",
    "Decisions take too long once they leave the team.",
    "I would like to know earlier when a date moves.",
    "It helps that somebody asks us.",
)


def sign(person: Teammate, _seen: Seen, button: SeenButton, _nth: int) -> Deed | None:
    return Deed(button) if person.tier == "executive" else None


def propose_charter(person: Teammate, _seen: Seen, button: SeenButton, _nth: int) -> Deed | None:
    """DC's alliance manager happens to be the first; the button is gone for the other by then."""
    return Deed(button) if person.side == "dc" else None


def answer_checkin(person: Teammate, _seen: Seen, button: SeenButton, nth: int) -> Deed | None:
    dice = person.dice("checkin", nth)
    blocked = person.key == "dc-ana" and nth in BLOCKED_ROUNDS
    if dice.random() > person.character.answers and not blocked:
        return None
    unhappy = person.character.kind is Kind.UNHAPPY
    course = "blocked" if blocked else "at risk" if unhappy or dice.random() < 0.15 else "on track"
    need = BLOCKED_BY if blocked else dice.choice(NEEDS) if course == "at risk" else ""
    written = {"course": course, "moved": dice.choice(MOVED), "next": dice.choice(NEXT), "in_the_way": need}
    return Deed(button, inputs=written)


def answer_pulse(person: Teammate, seen: Seen, button: SeenButton, nth: int) -> Deed | None:
    dice = person.dice("pulse", nth)
    if dice.random() > max(person.character.answers, 0.75):
        return None
    ratings = {field.name: str(_rating(person, field, nth)) for field in seen.inputs if field.options}
    comment = dice.choice(COMMENTS) if dice.random() < 0.3 else ""
    return Deed(button, inputs={**ratings, "comment": comment})


def _rating(person: Teammate, field: SeenInput, nth: int) -> int:
    """DC finds decisions slow and the partner rigid; MC sees that less. Everybody has a mood of their own."""
    values = sorted(int(option) for option in field.options)
    middle = person.character.mood
    if person.side == "dc" and field.name.startswith(("decision speed", "working-style fit")):
        middle -= 1.1
    if person.side == "mc" and field.name.startswith("decision speed"):
        middle += 0.5
    middle += person.leanings.get(field.name.partition(".")[0], 0.0)
    scale = (values[-1] - values[0]) / 4
    rated = values[0] + (person.dice("rating", field.name, nth).gauss(middle, 0.6) - 1) * scale
    return min(max(round(rated), values[0]), values[-1])


def raise_from_need(person: Teammate, _seen: Seen, button: SeenButton, nth: int) -> Deed | None:
    """Once, somebody at MC makes an escalation of what the counterpart needs."""
    if person.key != "mc-jonas" or nth > 1:
        return None
    words = {
        "title": "Who may move the date of the pilot",
        "facts": "It moved again, and people on both sides heard of it from a customer.",
        "need": "One person on each side who says yes before it moves.",
        "urgency": "routine",
    }
    return Deed(button, dialog=words)


def acknowledge(person: Teammate, _seen: Seen, button: SeenButton, _nth: int) -> Deed | None:
    """The counterpart at MC does not get to it in time, so that the managers join."""
    late = person.knows(button.subject, MATTER) and person.tier == "operational" and person.side == "mc"
    return None if late else Deed(button)


def give_statement(person: Teammate, _seen: Seen, button: SeenButton, _nth: int) -> Deed | None:
    other = "MC" if person.side == "dc" else "DC"
    words = {
        "facts": "The date moved three times; each side learnt of it from a customer.",
        "other_needs": f"{other} needs to know a month ahead what changes, and a person who decides.",
    }
    return Deed(button, dialog=words)


def propose_resolution(person: Teammate, _seen: Seen, button: SeenButton, _nth: int) -> Deed | None:
    """Of the matter that the story is about only DC's executives find a way; of others whoever is at it at DC."""
    if person.side != "dc":
        return None
    if person.knows(button.subject, MATTER) and person.tier in STUBBORN_TIERS:
        return None
    words = {
        "decision": "The pilot starts on a date that both project leads sign, and moves only with both.",
        "reason": "Customers get one date, and both teams can plan for it.",
        "title_1": "Send the customers the agreed date",
        "owner_1": "dc-ben" if person.tier != "operational" else person.key,
        "due_1": "2026-03-20",
    }
    return Deed(button, dialog=words)


def accept(_person: Teammate, _seen: Seen, button: SeenButton, _nth: int) -> Deed | None:
    return Deed(button)


def look_back(person: Teammate, _seen: Seen, button: SeenButton, nth: int) -> Deed | None:
    """MC's managers think the lead time is met, DC's that it is missed: a contested criterion."""
    dice = person.dice("checkpoint", nth)
    if dice.random() > max(person.character.answers, 0.7):
        return None
    ours = person.side == "mc"
    words = {
        "went_well": "The two field teams help each other without asking first.",
        "differently": "Agree on one calendar before promising a date.",
        "learned": "Customers want one contact, whichever company they called.",
        "changed": "We have a new head of service." if ours else "Our priorities moved to the north region.",
        "standing:pilots": "on course",
        "measured:pilots": "4" if nth == 1 else "7",
        "standing:lead-time": "met" if ours else "missed",
        "measured:lead-time": "13" if ours else "21",
        "standing:first-fix": "at risk",
        "measured:first-fix": "71",
    }
    return Deed(button, dialog=words)


def finish_item(person: Teammate, _seen: Seen, button: SeenButton, _nth: int) -> Deed | None:
    return Deed(button) if person.character.kind is not Kind.SILENT else None


DECISIONS: Mapping[str, Decide] = {
    "charter.propose": propose_charter,
    "charter.sign": sign,
    "checkin.answer": answer_checkin,
    "pulse.answer": answer_pulse,
    "escalation.ask-raise": raise_from_need,
    "escalation.acknowledge": acknowledge,
    "escalation.ask.statement": give_statement,
    "escalation.ask.resolution": propose_resolution,
    "escalation.accept": accept,
    "checkpoint.show": look_back,
    "action-item.done": finish_item,
}

SOONER = {"charter.propose": 15, "charter.sign": 60}
"""Minutes within which even a slow person gets to what everybody waits for."""
LATER = {"escalation.ask.resolution": 60 * 20, "action-item.done": 60 * 24 * 2}
"""Minutes that somebody thinks it over on top."""


def due_for(person: Teammate, action: str, now: dt.datetime, nth: int) -> dt.datetime:
    """When somebody gets to something that they were asked for just now."""
    if action in SOONER:
        return now + dt.timedelta(minutes=person.dice("soon", action).randint(2, SOONER[action]))
    return person.looks_at(now + dt.timedelta(minutes=LATER.get(action, 0)), action, nth)
