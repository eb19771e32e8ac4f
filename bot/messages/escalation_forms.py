"""The dialogs of escalations: raising one, and each step that wants words."""

from collections.abc import Callable, Mapping

from alliance.escalation import Escalation, level_name, sides_of
from alliance.escalation_people import everybody_on
from alliance.protocol import Urgency
from alliance.roster import Tier
from bot.actions.tokens import token
from bot.messages.blocks import (
    Block,
    Choice,
    DateBox,
    Form,
    Option,
    Quote,
    TextBox,
    note,
    paragraph,
)
from bot.messages.escalation_card import LONGEST_QUOTE, resolution
from bot.messages.literal import shorten
from bot.messages.reader import Reader
from bot.messages.template import Shown
from handlers.escalation_forms import LONGEST_TITLE, EscalationFormAsked, FormName, RaiseAsked
from handlers.escalations import MOST_TASKS

LONGEST_TASK = 150
MOST_OWNERS = 90


def raise_form(reply: RaiseAsked, reader: Reader) -> Shown:
    """The dialog in which to raise, prefilled with what it comes from."""
    here = reader.roster.alliance_id
    if reply.warning_id is not None:
        made = token("escalation.raise-warning", here, reply.warning_id)
    elif reply.checkin_id is not None and reply.author is not None:
        made = token("escalation.raise", here, reply.checkin_id, reply.author)
    else:
        made = token("escalation.raise", here)
    urgencies = (
        Option(Urgency.ROUTINE.value, "Routine"),
        Option(Urgency.URGENT.value, "Urgent: the agreed times are shortened"),
    )
    blocks: tuple[Block, ...] = (
        paragraph("Both companies are told at the same moment, in these words."),
        TextBox(
            "title",
            "What is it about?",
            hint="A few words",
            written=reply.title,
            lines=False,
            required=True,
            longest=LONGEST_TITLE,
        ),
        _box("facts", "What happened? The facts.", reply.facts, longest=2000),
        _box("need", "What do you need from the other side, or from both?", reply.need, longest=1000),
        Choice("urgency", "How soon?", urgencies, chosen=Urgency.ROUTINE.value),
    )
    return Shown(form=Form("Raise an escalation", blocks, made, "Tell both sides"))


def asked_form(reply: EscalationFormAsked, reader: Reader) -> Shown:
    return Shown(form=_FORMS[reply.form](reply.escalation, reader))


def _box(name: str, label: str, written: str = "", *, longest: int, hint: str = "") -> TextBox:
    return TextBox(name, label, hint, written, lines=True, required=True, longest=longest)


def _made(case: Escalation, verb: str, *arguments: str | int) -> str:
    return token(f"escalation.{verb}", case.alliance_id, case.id, *arguments)


def _progress(case: Escalation, _reader: Reader) -> Form:
    blocks = (_matter(case), _box("text", "How does it go? Both companies read this.", longest=1000))
    return Form("How it goes", blocks, _made(case, "progress"))


def _resolution(case: Escalation, reader: Reader) -> Form:
    owners = _owners(case, reader)
    tasks: list[Block] = []
    for number in range(1, MOST_TASKS + 1):
        tasks += [
            TextBox(f"title_{number}", f"Action item {number}", "Optional", lines=False, longest=LONGEST_TASK),
            Choice(f"owner_{number}", f"Who does action item {number}?", owners, required=False),
            DateBox(f"due_{number}", f"Action item {number} is done by"),
        ]
    blocks: tuple[Block, ...] = (
        _matter(case),
        note("The other company accepts or declines. Nobody closes an escalation alone."),
        _box("decision", "What is decided?", longest=1500),
        _box("reason", "Why is that good for both?", longest=1000),
        *tasks,
    )
    return Form("Propose a resolution", blocks, _made(case, "propose"), "Propose")


def _owners(case: Escalation, reader: Reader) -> tuple[Option, ...]:
    """The members of both companies who are on it, those of the reader's company first."""
    members = [reader.roster.member(member) for member in everybody_on(case, reader.roster)]
    people = [member for member in members if member.side is not None]
    people.sort(key=lambda member: member.side != reader.side)
    return tuple(Option(member.key, reader.name(member.id)) for member in people[:MOST_OWNERS])


def _decline(case: Escalation, reader: Reader) -> Form:
    found = case.resolution
    by, number = (found.by, found.number) if found else ("", 0)
    blocks = (
        _matter(case),
        *resolution(case, reader),
        _box("reason", "What stands against it, and what would help?", longest=1000),
    )
    return Form("Decline the proposal", blocks, _made(case, "decline", by, number), "Decline")


def _move_up(case: Escalation, _reader: Reader) -> Form:
    blocks = (
        _matter(case),
        paragraph("Both companies are asked for a statement first; both go up together."),
        _box("reason", f"Why should it go beyond the {level_name(case)}?", longest=1000),
    )
    return Form("Move it up", blocks, _made(case, "move-up", case.level), "Move it up")


def _statement(case: Escalation, reader: Reader) -> Form:
    across = [reader.company(side) for side in sides_of(case) if side != reader.side]
    other = across[0] if across else "the other company"
    blocks = (
        _matter(case),
        note("It is shown only when both statements go up together."),
        _box("facts", "The facts, as your company sees them", longest=1500),
        _box("other_needs", f"What do you think {other} needs?", longest=1000),
    )
    return Form("Your company’s statement", blocks, _made(case, "statement", case.level))


def _mediator(case: Escalation, reader: Reader) -> Form:
    mediators = reader.roster.active(tiers=[Tier.MEDIATOR])
    named = case.mediator_proposed[1] if case.mediator_proposed else None
    chosen = next((member.key for member in mediators if member.id == named), None)
    options = tuple(Option(member.key, reader.roster.name_of(member.id)) for member in mediators)
    blocks = (
        _matter(case),
        paragraph("Both companies name the same person. Naming whom the other company named is agreeing."),
        Choice("mediator", "Mediator", options, chosen=chosen),
    )
    return Form("Name a mediator", blocks, _made(case, "mediator"), "Name")


def _withdraw(case: Escalation, _reader: Reader) -> Form:
    blocks = (_matter(case), _box("reason", "Why is it no longer needed?", longest=1000))
    return Form("Withdraw it", blocks, _made(case, "withdraw"), "Withdraw")


def _matter(case: Escalation) -> Quote:
    return Quote(shorten(f"Escalation {case.number}: {case.title}", LONGEST_QUOTE))


_FORMS: Mapping[FormName, Callable[[Escalation, Reader], Form]] = {
    FormName.PROGRESS: _progress,
    FormName.RESOLUTION: _resolution,
    FormName.DECLINE: _decline,
    FormName.MOVE_UP: _move_up,
    FormName.STATEMENT: _statement,
    FormName.MEDIATOR: _mediator,
    FormName.WITHDRAW: _withdraw,
}
