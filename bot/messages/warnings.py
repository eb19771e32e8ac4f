"""The words of early warnings: the rule, what it is about, and its evidence."""

from collections.abc import Mapping
from typing import Any

from alliance.ids import SideKey, WarningId
from alliance.notices import Notice, WarningFound
from alliance.warning import EarlyWarning, WarningRule
from bot.actions.tokens import token
from bot.messages import sample
from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Button,
    Does,
    Heading,
    Message,
    Quote,
    Strong,
    line,
    note,
    paragraph,
)
from bot.messages.reader import Reader
from bot.messages.template import Template

RULES = {
    WarningRule.SCORE_BELOW_FLOOR: "A score is below the agreed floor",
    WarningRule.GAP_OPENED: "A gap between the two sides has opened",
    WarningRule.THREE_FALLS: "A score fell three times in a row",
    WarningRule.RESPONSE_DROPPED: "Fewer people answer than before",
    WarningRule.LATE_ACKNOWLEDGEMENTS: "Acknowledgements come late",
    WarningRule.SAME_BLOCKER: "The same blocker has stood for several check-ins",
    WarningRule.ACTION_ITEMS_SLIPPING: "Action items are slipping",
}


def found(notice: WarningFound, reader: Reader) -> Message:
    """The same words for the alliance managers of both companies."""
    warning = notice.warning
    rule = RULES[warning.rule]
    return Message(
        summary=f"Early warning for {reader.roster.name}: {rule.lower()} ({warning.subject}).",
        blocks=(
            Heading("Early warning"),
            paragraph(Strong(rule), f": {warning.subject}."),
            *_evidence(warning),
            *_next_step(notice),
            note("The alliance managers of both companies get this in the same words at the same moment."),
        ),
    )


def _evidence(warning: EarlyWarning) -> tuple[Block, ...]:
    if warning.rule is WarningRule.SAME_BLOCKER:
        sentence, *words = warning.evidence
        return paragraph(sentence), *(Quote(text) for text in words)
    return (Bullets(tuple(line(sentence) for sentence in warning.evidence)),)


def _next_step(notice: WarningFound) -> tuple[Block, ...]:
    if notice.opened_escalation is not None:
        number = notice.opened_escalation
        return (paragraph(f"As the charter agreed, escalation {number} is open on this by itself."),)
    made = token("escalation.ask-raise-warning", notice.alliance_id, notice.warning.id)
    return (
        paragraph("Either of you can raise an escalation from it; often a word between you comes first."),
        Actions((Button("Raise an escalation", made, Does.OPEN_FORM),)),
    )


# --- examples ---------------------------------------------------------------------------------------


def _example(
    rule: WarningRule, subject: str, side: SideKey | None, *evidence: str, opened: int | None = None
) -> WarningFound:
    warning = EarlyWarning(WarningId("w1"), sample.ALLIANCE, rule, subject, side, evidence, found_at=sample.NOW)
    return WarningFound(alliance_id=sample.ALLIANCE, warning=warning, opened_escalation=opened)


TEMPLATES: Mapping[type[Notice], Template[Any]] = {
    WarningFound: Template(
        found,
        (
            _example(
                WarningRule.GAP_OPENED,
                "trust",
                None,
                "Pulse 3: DC 4.1, MC 3.2, a gap of 0.9.",
                "In pulse 1 the difference was 0.2, which did not count as a gap.",
            ),
            _example(
                WarningRule.SAME_BLOCKER,
                "DC",
                sample.DC,
                "DC named the same blocker in 3 check-ins in a row:",
                "We still wait for the pilot customers' contact list.",
            ),
            _example(
                WarningRule.SCORE_BELOW_FLOOR,
                "communication at MC",
                sample.MC,
                "MC rates communication 2.6 (± 0.4) in pulse 3; the agreed floor is 3.0.",
                opened=4,
            ),
        ),
    ),
}
