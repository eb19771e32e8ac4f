"""What the buttons and dialogs of escalations ask for."""

from collections.abc import Callable, Mapping

from alliance.errors import InvalidInput
from alliance.ids import CheckinId, EscalationId, MemberId, WarningId
from alliance.protocol import Urgency
from bot.actions.action_items import task_words
from bot.actions.tokens import Press
from handlers import intents as i
from handlers.escalation_forms import LONGEST_TITLE
from handlers.escalations import MOST_TASKS


def ask_raise(press: Press) -> i.AskRaise:
    """From a blocker when the button names one, else for itself."""
    if not press.arguments:
        return i.AskRaise(alliance_id=press.alliance_id)
    checkin_id, author = CheckinId(press.argument(0)), MemberId(press.argument(1))
    return i.AskRaise(alliance_id=press.alliance_id, checkin_id=checkin_id, author=author)


def ask_raise_warning(press: Press) -> i.AskRaise:
    return i.AskRaise(alliance_id=press.alliance_id, warning_id=WarningId(press.argument(0)))


def raise_it(press: Press) -> i.RaiseEscalation:
    from_blocker = bool(press.arguments)
    return i.RaiseEscalation(
        alliance_id=press.alliance_id,
        title=press.at_most("title", LONGEST_TITLE),
        facts=press.at_most("facts"),
        need=press.at_most("need"),
        urgency=_urgency(press),
        checkin_id=CheckinId(press.argument(0)) if from_blocker else None,
        author=MemberId(press.argument(1)) if from_blocker else None,
    )


def raise_warning(press: Press) -> i.RaiseEscalation:
    return i.RaiseEscalation(
        alliance_id=press.alliance_id,
        title=press.at_most("title", LONGEST_TITLE),
        facts=press.at_most("facts"),
        need=press.at_most("need"),
        urgency=_urgency(press),
        warning_id=WarningId(press.argument(0)),
    )


def _urgency(press: Press) -> Urgency:
    chosen = press.at_most("urgency") or Urgency.ROUTINE.value
    for urgency in Urgency:
        if urgency.value == chosen:
            return urgency
    raise InvalidInput({"urgency": "Choose routine or urgent."})


def _case(press: Press) -> EscalationId:
    return EscalationId(press.argument(0))


def acknowledge(press: Press) -> i.AcknowledgeEscalation:
    return i.AcknowledgeEscalation(alliance_id=press.alliance_id, escalation_id=_case(press), level=press.number(1))


def ask(press: Press) -> i.AskEscalationForm:
    return i.AskEscalationForm(
        alliance_id=press.alliance_id,
        escalation_id=_case(press),
        form=press.argument(1),
        level=press.number(2),
    )


def progress(press: Press) -> i.SayProgress:
    return i.SayProgress(alliance_id=press.alliance_id, escalation_id=_case(press), text=press.at_most("text"))


def propose(press: Press) -> i.ProposeResolution:
    tasks = (task_words(press, f"_{number}") for number in range(1, MOST_TASKS + 1))
    return i.ProposeResolution(
        alliance_id=press.alliance_id,
        escalation_id=_case(press),
        decision=press.at_most("decision"),
        reason=press.at_most("reason"),
        tasks=tuple(tasks),
    )


def accept(press: Press) -> i.AcceptResolution:
    return i.AcceptResolution(
        alliance_id=press.alliance_id,
        escalation_id=_case(press),
        proposed_by=MemberId(press.argument(1)),
        proposal=press.number(2),
    )


def decline(press: Press) -> i.DeclineResolution:
    return i.DeclineResolution(
        alliance_id=press.alliance_id,
        escalation_id=_case(press),
        proposed_by=MemberId(press.argument(1)),
        proposal=press.number(2),
        reason=press.at_most("reason"),
    )


def move_up(press: Press) -> i.MoveEscalationUp:
    return i.MoveEscalationUp(
        alliance_id=press.alliance_id,
        escalation_id=_case(press),
        reason=press.at_most("reason"),
        level=press.number(1),
    )


def statement(press: Press) -> i.GiveStatement:
    return i.GiveStatement(
        alliance_id=press.alliance_id,
        escalation_id=_case(press),
        facts=press.at_most("facts"),
        other_needs=press.at_most("other_needs"),
        level=press.number(1),
    )


def mediator(press: Press) -> i.NameMediator:
    return i.NameMediator(alliance_id=press.alliance_id, escalation_id=_case(press), mediator=press.at_most("mediator"))


def withdraw(press: Press) -> i.WithdrawEscalation:
    return i.WithdrawEscalation(
        alliance_id=press.alliance_id, escalation_id=_case(press), reason=press.at_most("reason")
    )


def show(press: Press) -> i.ShowEscalation:
    return i.ShowEscalation(alliance_id=press.alliance_id, number=press.number(0))


def redraw(press: Press) -> i.ShowEscalation:
    return i.ShowEscalation(alliance_id=press.alliance_id, number=press.number(0), anew=True)


def list_open(press: Press) -> i.ListEscalations:
    return i.ListEscalations(alliance_id=press.alliance_id)


ACTIONS: Mapping[str, Callable[[Press], i.PersonIntent]] = {
    "escalation.ask-raise": ask_raise,
    "escalation.ask-raise-warning": ask_raise_warning,
    "escalation.raise": raise_it,
    "escalation.raise-warning": raise_warning,
    "escalation.acknowledge": acknowledge,
    "escalation.ask": ask,
    "escalation.progress": progress,
    "escalation.propose": propose,
    "escalation.accept": accept,
    "escalation.decline": decline,
    "escalation.move-up": move_up,
    "escalation.statement": statement,
    "escalation.mediator": mediator,
    "escalation.withdraw": withdraw,
    "escalation.show": show,
    "escalation.redraw": redraw,
    "escalation.list": list_open,
}
