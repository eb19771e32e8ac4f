"""What the buttons and the dialog of checkpoints ask for."""

import re
from collections.abc import Callable, Mapping

from alliance.checkpoint import LONGEST_ANSWER, LONGEST_DECISION, QUESTIONS, CriterionRating, Standing
from alliance.errors import InvalidInput
from alliance.ids import CheckpointId
from bot.actions.tokens import Press
from handlers.decision_intents import AskAmendment, AskDecision, ProposeAmendment, RecordDecision
from handlers.intents import AnswerCheckpoint, PersonIntent, ShowCheckpoint

STANDING, MEASURED = "standing:", "measured:"
MOST_CRITERIA = 100
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}([.,][0-9]{1,6})?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
NOT_A_NUMBER = "Please write a number alone, such as 12 or 12.5, or leave this empty."
TWO_READINGS = "This can be read in two ways. Please write it without a thousands separator, such as 1250 or 1.25."


def answer(press: Press) -> AnswerCheckpoint:
    """Everything that has to change is said at once, each beside its field."""
    problems: dict[str, str] = {}
    # One letter more than may stay, so that a text that is too long is refused and not cut short.
    texts = {key: press.text(key, LONGEST_ANSWER + 1) for key in QUESTIONS}
    for key, text in texts.items():
        if len(text) > LONGEST_ANSWER:
            problems[key] = f"Please keep this to {LONGEST_ANSWER} characters."
    ratings = [_rating(press, key, problems) for key in _criteria(press)]
    if not any(texts.values()):
        problems[QUESTIONS[0]] = "Please answer at least one of the six questions."
    if problems:
        raise InvalidInput(problems)
    return AnswerCheckpoint(
        alliance_id=press.alliance_id,
        checkpoint_id=CheckpointId(press.argument(0)),
        answers={key: text for key, text in texts.items() if text},
        ratings=tuple(ratings),
    )


def show(press: Press) -> ShowCheckpoint:
    return ShowCheckpoint(alliance_id=press.alliance_id, checkpoint_id=CheckpointId(press.argument(0)))


def measured(text: str) -> float | None:
    """Read a number with a point or a comma; None when there is none. ValueError says what is expected."""
    if not text:
        return None
    if _THOUSANDS.fullmatch(text):
        raise ValueError(TWO_READINGS)
    if not _NUMBER.fullmatch(text):
        raise ValueError(NOT_A_NUMBER)
    return float(text.replace(",", "."))


def _criteria(press: Press) -> list[str]:
    """The keys of the criteria that inputs were sent for, each once, in the order of the dialog."""
    keys = [
        name.removeprefix(prefix) for name in press.inputs for prefix in (STANDING, MEASURED) if name.startswith(prefix)
    ]
    return list(dict.fromkeys(keys))[:MOST_CRITERIA]


def _rating(press: Press, key: str, problems: dict[str, str]) -> CriterionRating:
    chosen = press.text(f"{STANDING}{key}")
    standing = next((standing for standing in Standing if standing.value == chosen), None)
    value = None
    try:
        value = measured(press.text(f"{MEASURED}{key}", longest=40))
    except ValueError as problem:
        problems[f"{MEASURED}{key}"] = str(problem)
    return CriterionRating(key, standing, value)


def _closed(press: Press) -> CheckpointId:
    return CheckpointId(press.argument(0))


def ask_decision(press: Press) -> AskDecision:
    return AskDecision(alliance_id=press.alliance_id, checkpoint_id=_closed(press))


def decide(press: Press) -> RecordDecision:
    words = press.text("decision", LONGEST_DECISION + 1)
    return RecordDecision(alliance_id=press.alliance_id, checkpoint_id=_closed(press), decision=words)


def ask_amendment(press: Press) -> AskAmendment:
    return AskAmendment(alliance_id=press.alliance_id, checkpoint_id=_closed(press))


def amend(press: Press) -> ProposeAmendment:
    words = press.text("change", LONGEST_DECISION + 1)
    return ProposeAmendment(alliance_id=press.alliance_id, checkpoint_id=_closed(press), change=words)


ACTIONS: Mapping[str, Callable[[Press], PersonIntent]] = {
    "checkpoint.answer": answer,
    "checkpoint.show": show,
    "checkpoint.ask-decision": ask_decision,
    "checkpoint.decide": decide,
    "checkpoint.ask-amendment": ask_amendment,
    "checkpoint.amend": amend,
}
