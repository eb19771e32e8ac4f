"""How an escalation is raised, by itself or from a blocker or a warning, and the dialogs of its steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from alliance import escalation_acts as acts
from alliance.checkin import CheckinSummary, Point
from alliance.disclosure import escalation_view
from alliance.errors import InvalidInput, NotFound, NotPermitted
from alliance.escalation import Escalation
from alliance.escalation_acts import require_level, require_possible
from alliance.escalation_people import everybody_on
from alliance.ids import CheckinId, MemberId, WarningId
from alliance.ladder import Draft
from alliance.roster import Tier
from alliance.warning import title_of
from handlers import intents as i
from handlers.call import Call, Handler
from handlers.escalation_steps import escalation_of, open_escalation
from handlers.replies import Reply
from handlers.warnings import NEED

LONGEST_TITLE = 120
ROUNDS_READ = 60
"""How many closed check-ins back a blocker can still be raised from."""
NEED_OF_A_BLOCKER = "Help from the other company to clear this."
"""What the dialog says is needed before anybody writes more, so that one press and one look are enough."""


class FormName(StrEnum):
    PROGRESS = "progress"
    RESOLUTION = "resolution"
    DECLINE = "decline"
    MOVE_UP = "move-up"
    STATEMENT = "statement"
    MEDIATOR = "mediator"
    WITHDRAW = "withdraw"


_ACTS: Mapping[FormName, type[acts.Act]] = {
    FormName.PROGRESS: acts.SayProgress,
    FormName.RESOLUTION: acts.Propose,
    FormName.DECLINE: acts.Decline,
    FormName.MOVE_UP: acts.MoveUp,
    FormName.STATEMENT: acts.GiveStatement,
    FormName.MEDIATOR: acts.NameMediator,
    FormName.WITHDRAW: acts.Withdraw,
}


@dataclass(frozen=True, slots=True)
class RaiseAsked(Reply):
    """The dialog in which to raise, with what is known already; the ids name what it comes from."""

    title: str = ""
    facts: str = ""
    need: str = ""
    checkin_id: CheckinId | None = None
    author: MemberId | None = None
    warning_id: WarningId | None = None


@dataclass(frozen=True, slots=True)
class WasRaised(Reply):
    """`before` True: it had been raised from the same blocker or warning; `told` are the people on it."""

    escalation: Escalation
    told: tuple[MemberId, ...]
    before: bool


@dataclass(frozen=True, slots=True)
class EscalationFormAsked(Reply):
    """One of the dialogs of an escalation."""

    form: FormName
    escalation: Escalation


def written(**words: str) -> dict[str, str]:
    """The texts without outer blanks; InvalidInput, by the inputs' names, where one is empty."""
    kept = {name: text.strip() for name, text in words.items()}
    empty = {name: "Please write a few words here." for name, text in kept.items() if not text}
    if empty:
        raise InvalidInput(empty)
    return kept


# --- raising ----------------------------------------------------------------------------------------


async def ask_raise(call: Call, intent: i.AskRaise) -> Reply:
    """The dialog, or what was raised from the same blocker or warning before."""
    await call.uow.charters.in_force(call.alliance_id)
    known = await _raised_before(call, intent)
    if known is not None:
        return _was_raised(call, known, before=True)
    words = await _known_words(call, intent)
    return RaiseAsked(
        words.title[:LONGEST_TITLE], words.facts, words.need, intent.checkin_id, intent.author, intent.warning_id
    )


async def raise_escalation(call: Call, intent: i.RaiseEscalation) -> Reply:
    words = written(title=" ".join(intent.title.split()), facts=intent.facts, need=intent.need)
    await call.uow.rosters.lock(call.alliance_id)
    known = await _raised_before(call, intent)
    if known is not None:
        return _was_raised(call, known, before=True)
    await _known_words(call, intent)
    draft = Draft(
        title=words["title"][:LONGEST_TITLE],
        facts=words["facts"],
        need=words["need"],
        urgency=intent.urgency,
        author=call.asker,
        source=_source(intent),
        about=call.roster.member(intent.author) if intent.checkin_id and intent.author else None,
    )
    return _was_raised(call, await open_escalation(call, draft), before=False)


def _was_raised(call: Call, case: Escalation, *, before: bool) -> WasRaised:
    return WasRaised(escalation_view(case), everybody_on(case, call.roster), before)


@dataclass(frozen=True, slots=True)
class _Words:
    """What a matter says already, from where it comes."""

    title: str = ""
    facts: str = ""
    need: str = ""


def _source(intent: i.AskRaise | i.RaiseEscalation) -> str:
    """What a matter comes from, so that it is raised once; "" when it stands for itself."""
    if intent.checkin_id is not None and intent.author is not None:
        return _blocker(intent.checkin_id, intent.author)
    return f"warning:{intent.warning_id}" if intent.warning_id is not None else ""


def _blocker(checkin_id: CheckinId, author: MemberId) -> str:
    return f"blocker:{checkin_id}:{author}"


async def _raised_before(call: Call, intent: i.AskRaise | i.RaiseEscalation) -> Escalation | None:
    """What came from the same warning or blocker; from a blocker's earlier rounds while that has not ended."""
    known = await call.uow.escalations.from_source(call.alliance_id, _source(intent))
    if known is not None or intent.checkin_id is None or intent.author is None:
        return known
    point, earlier = await _point(call, intent.checkin_id, intent.author)
    sources = {_blocker(summary.checkin_id, point.author) for summary in earlier}
    cases = await call.uow.escalations.open_ones(call.alliance_id)
    return next((case for case in cases if case.source in sources), None)


async def _known_words(call: Call, intent: i.AskRaise | i.RaiseEscalation) -> _Words:
    """The words of what a matter comes from; NotFound when a forged button names something else."""
    if intent.checkin_id is not None and intent.author is not None:
        point, _ = await _point(call, intent.checkin_id, intent.author)
        return _Words(_first_line(point.text), point.text, NEED_OF_A_BLOCKER)
    if intent.warning_id is not None:
        warning = await call.uow.warnings.get(intent.warning_id)
        call.own(warning.alliance_id)
        if call.asker.tier is not Tier.ALLIANCE_MANAGER:
            raise NotPermitted("The alliance managers of both companies raise what a warning found.")
        return _Words(title_of(warning), "\n".join(warning.evidence), NEED)
    return _Words()


async def _point(call: Call, checkin_id: CheckinId, author: MemberId) -> tuple[Point, list[CheckinSummary]]:
    """A blocker or need as both companies were told it, and the summaries of the rounds before in which it stood."""
    summaries = await call.uow.checkins.summaries(call.alliance_id, ROUNDS_READ)
    for position, summary in enumerate(summaries):
        if summary.checkin_id == checkin_id:
            for point in summary.points:
                if point.author == author:
                    return point, summaries[position + 1 : position + point.rounds]
    raise NotFound


def _first_line(text: str) -> str:
    return next((" ".join(row.split()) for row in text.splitlines() if row.strip()), "")


# --- dialogs ----------------------------------------------------------------------------------------


async def ask_form(call: Call, intent: i.AskEscalationForm) -> Reply:
    """The dialog, when its step is possible for the asker now; else the reason, before anything is typed."""
    case = await escalation_of(call, intent.escalation_id)
    if intent.form not in set(FormName):
        raise NotFound
    form = FormName(intent.form)
    require_level(case, intent.level)
    require_possible(case, _ACTS[form], call.asker, call.roster)
    return EscalationFormAsked(form, escalation_view(case))


HANDLERS: Mapping[type[i.Intent], Handler] = {
    i.AskRaise: ask_raise,
    i.RaiseEscalation: raise_escalation,
    i.AskEscalationForm: ask_form,
}
