"""The words of what was decided after a checkpoint, and of an amendment that is proposed from there."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from alliance.checkpoint import LONGEST_DECISION, Decision
from alliance.ids import AllianceId, CheckpointId, MemberId
from alliance.notices import DecisionRecorded, Notice
from alliance.permissions import TIERS, Right
from alliance.roster import Tier
from bot.actions.tokens import token
from bot.messages import sample
from bot.messages.blocks import Actions, Block, Button, Does, Form, Message, Quote, Strong, TextBox, note, paragraph
from bot.messages.charter_card import propose_button
from bot.messages.phrases import spoken
from bot.messages.reader import Reader
from bot.messages.replies import said
from bot.messages.template import How, Shown, Template
from handlers.checkpoint_decisions import DecisionAsked, DecisionKept
from handlers.replies import Reply

NEW_VERSION = (
    "An operator writes it into the charter file as a new version. Either alliance manager then puts it before "
    "the executives, and it comes into force when one executive of each company has signed."
)


def retrospective_subject(checkpoint_id: CheckpointId) -> str:
    """What a retrospective, and all that is decided after it, is about."""
    return f"retrospective:{checkpoint_id}"


def decision_buttons(alliance_id: AllianceId, checkpoint_id: CheckpointId, reader: Reader) -> tuple[Button, ...]:
    """What the reader holds the right to do once both companies have looked back."""
    if reader.member is None:
        return ()
    wanted = (
        ("Record a decision", "checkpoint.ask-decision", Right.RECORD_DECISION),
        ("Decide an action item", "action-item.ask", Right.DECIDE_ACTION_ITEM),
        ("Propose an amendment", "checkpoint.ask-amendment", Right.PROPOSE_CHARTER),
    )
    return tuple(
        Button(label, token(verb, alliance_id, checkpoint_id), Does.OPEN_FORM)
        for label, verb, right in wanted
        if reader.member.tier in TIERS[right]
    )


def recorded(notice: DecisionRecorded, reader: Reader) -> Message:
    """The same words for both companies; an alliance manager can propose a draft that waits."""
    decision, who = notice.decision, reader.name(notice.decision.by)
    day = spoken(notice.day)
    if not decision.amends:
        return Message(
            f"{who} recorded a decision after the checkpoint of {day}.",
            (
                paragraph(Strong(who), f" recorded what was decided after the checkpoint of {day}:"),
                Quote(decision.decision),
                note("Both companies read this in the same words. The next checkpoint comes back to it."),
            ),
        )
    return Message(
        f"{who} proposes to amend the charter, after the checkpoint of {day}.",
        (
            paragraph(Strong(who), f" proposes to amend the charter, after the checkpoint of {day}:"),
            Quote(decision.decision),
            *_next_step(notice, reader),
        ),
    )


def _next_step(notice: DecisionRecorded, reader: Reader) -> tuple[Block, ...]:
    if notice.draft is None:
        return (note(NEW_VERSION),)
    waits = note(f"Version {notice.draft} of the charter is drafted; either alliance manager can propose it.")
    if reader.member is None or reader.member.tier is not Tier.ALLIANCE_MANAGER:
        return (waits,)
    return waits, Actions((propose_button(notice.alliance_id, notice.draft),))


# --- replies ----------------------------------------------------------------------------------------


def asked(reply: DecisionAsked, reader: Reader) -> Shown:
    here, day = reader.roster.alliance_id, spoken(reply.checkpoint.day)
    if reply.amends:
        title, verb, name = "Propose an amendment", "checkpoint.amend", "change"
        asks = "What is to change in the charter, and why?"
        after = NEW_VERSION
    else:
        title, verb, name = "Record a decision", "checkpoint.decide", "decision"
        asks = "What was decided?"
        after = "Who does what by when belongs into an action item."
    return Shown(
        form=Form(
            title,
            (
                paragraph(f"After the checkpoint of {day}. Both companies read it in the same words, with your name."),
                TextBox(name, asks, required=True, longest=LONGEST_DECISION),
                note(after),
            ),
            token(verb, here, reply.checkpoint.id),
        )
    )


def kept(reply: DecisionKept, _reader: Reader) -> Shown:
    what = "Your proposal" if reply.decision.amends else "The decision"
    if reply.again:
        return Shown(message=said(f"{what} was recorded before, so nobody is told twice."))
    return Shown(message=said(f"{what} is recorded, and both companies are told in the same words."))


# --- examples ---------------------------------------------------------------------------------------


def _example(decision: str, *, amends: bool = False, draft: int | None = None) -> DecisionRecorded:
    return DecisionRecorded(
        alliance_id=sample.ALLIANCE,
        checkpoint_id=CheckpointId("c1"),
        day=dt.date(2026, 3, 5),
        decision=Decision(decision, MemberId("lars" if amends else "ben"), sample.NOW, amends),
        draft=draft,
    )


TEMPLATES: Mapping[type[Notice], Template[Any]] = {
    DecisionRecorded: Template(
        recorded,
        (
            _example("Both field teams visit the first ten customers together."),
            _example("Counterparts get 3 days to resolve, since 5 let dates slip.", amends=True),
            _example("Counterparts get 3 days to resolve, since 5 let dates slip.", amends=True, draft=2),
        ),
        how=How.THREAD,
        subject=lambda notice: retrospective_subject(notice.checkpoint_id),
    ),
}

REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = {DecisionAsked: asked, DecisionKept: kept}
