"""Words about the charter: drafted, proposed, signed, declined, lapsed, in force, and read whole."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from alliance.charter import Card, CharterState, CharterVersion
from alliance.ids import AllianceId
from alliance.notices import (
    CharterDeclined,
    CharterDrafted,
    CharterDraftRedrawn,
    CharterInForce,
    CharterLapsed,
    CharterProposed,
    CharterRedrawn,
    CharterSigned,
    Notice,
)
from alliance.roster import Tier
from bot.actions.tokens import token
from bot.messages import charter_terms, sample
from bot.messages.blocks import (
    Actions,
    Block,
    Facts,
    Form,
    Heading,
    Message,
    Quote,
    TextBox,
    When,
    fact,
    note,
    paragraph,
)
from bot.messages.charter_card import (
    STATES,
    card_message,
    propose_button,
    show_button,
    signed_by,
    signing,
    terms,
)
from bot.messages.charter_samples import CHANGES, CHARTER
from bot.messages.reader import Reader
from bot.messages.replies import said
from bot.messages.template import How, Shown, Template
from handlers.charters import CharterShown, DeclineAsked, NoCharterYet
from handlers.replies import Reply

# --- drafts, to the alliance managers ---------------------------------------------------------------


def drafted(notice: CharterDrafted, reader: Reader) -> Message:
    version = notice.version
    summary = f"Version {version} of the charter of {reader.companies()} is drafted."
    return Message(
        summary,
        (
            Heading(f"Charter, version {version}: a draft"),
            paragraph(
                "It takes effect only when one executive of each company has signed it. ",
                "Either alliance manager can put it before them.",
            ),
            *terms(notice.changes, notice.first, reader),
            Actions((propose_button(notice.alliance_id, version), show_button(notice.alliance_id, version))),
        ),
    )


def draft_redrawn(notice: CharterDraftRedrawn, reader: Reader) -> Message:
    card = notice.card
    proposed = card.state is CharterState.PROPOSED
    sentence = "It was proposed to the executives." if proposed else STATES[card.state]
    return Message(
        f"Version {card.version} of the charter of {reader.companies()} is not a draft any more. {sentence}",
        (
            Heading(f"Charter, version {card.version}"),
            paragraph(sentence),
            *terms(card.changes, card.first, reader),
            Actions((show_button(notice.alliance_id, card.version),)),
        ),
    )


# --- proposed versions, to the executives and alliance managers -------------------------------------


def proposed(notice: CharterProposed, reader: Reader) -> Message:
    card = Card(
        version=notice.version,
        state=CharterState.PROPOSED,
        purpose=notice.purpose,
        proposed_by=notice.proposed_by,
        lapses_at=notice.lapses_at,
        signatures={},
        changes=notice.changes,
        first=notice.first,
    )
    return card_message(card, notice.alliance_id, reader)


def redrawn(notice: CharterRedrawn, reader: Reader) -> Message:
    return card_message(notice.card, notice.alliance_id, reader)


# --- what became of it ------------------------------------------------------------------------------


def signed(notice: CharterSigned, reader: Reader) -> Message:
    missing = " and ".join(reader.company(side) for side in notice.still_missing)
    said = f"{reader.name(notice.by)} signed version {notice.version} of the charter of {reader.companies()}."
    return Message(
        f"{said} Still to sign: {missing}.",
        (
            paragraph(
                reader.person(notice.by), f" signed version {notice.version} of the charter, ", When(notice.at), "."
            ),
            paragraph(f"Still to sign: one executive of {missing}."),
        ),
    )


def declined(notice: CharterDeclined, reader: Reader) -> Message:
    return Message(
        f"{reader.name(notice.by)} declined version {notice.version} of the charter of {reader.companies()}.",
        (
            paragraph(reader.person(notice.by), f" declined version {notice.version} of the charter, and says why:"),
            Quote(notice.reason),
            paragraph(_what_holds(notice.in_force)),
        ),
    )


def lapsed(notice: CharterLapsed, reader: Reader) -> Message:
    missing = " and ".join(reader.company(side) for side in notice.missing)
    return Message(
        f"Version {notice.version} of the charter of {reader.companies()} lapsed: the time for signing it is over.",
        (
            paragraph(f"Version {notice.version} of the charter lapsed. Not signed in time: {missing}."),
            paragraph(_what_holds(notice.in_force)),
        ),
    )


def _what_holds(in_force: int | None) -> str:
    if in_force is None:
        return "No charter is in force, so no round begins. The alliance managers can propose another version."
    return f"Version {in_force} stays in force. The alliance managers can propose another version."


def in_force(notice: CharterInForce, reader: Reader) -> Message:
    rows = [fact("Signed by", *_and([reader.person(who) for who in notice.signed_by]))]
    if notice.first_checkin is not None:
        rows.append(fact("Next check-in", _date(notice.first_checkin)))
    if notice.first_pulse is not None:
        rows.append(fact("Next pulse", _date(notice.first_pulse)))
    return Message(
        f"The charter of {reader.companies()} is in force, version {notice.version}.",
        (
            Heading(f"The charter of {reader.companies()} is in force"),
            paragraph(_what_begins(notice)),
            Facts(tuple(rows)),
            Actions((show_button(notice.alliance_id, notice.version),)),
        ),
    )


def _what_begins(notice: CharterInForce) -> str:
    if notice.replaces is not None:
        return (
            f"Version {notice.version} takes the place of version {notice.replaces}. Rounds and escalations "
            "that are under way keep the version they began under."
        )
    return (
        "From now on the liaison asks both companies how it is going, tells both the same at the same "
        "moment, and carries what is in the way up the agreed ladder on both sides."
    )


def _and(parts: list[Any]) -> Iterator[Any]:
    for number, part in enumerate(parts):
        if number:
            yield " and " if number == len(parts) - 1 else ", "
        yield part


def _date(day: dt.date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"


# --- replies ----------------------------------------------------------------------------------------


def shown(reply: CharterShown, reader: Reader) -> Shown:
    version = reply.version
    return Shown(
        message=Message(
            f"The charter of {reader.companies()}, version {version.version}: {version.state}.",
            (
                Heading(f"The charter of {reader.companies()}, version {version.version}"),
                paragraph(STATES[version.state]),
                signed_by(version.signatures, version.state, reader),
                *_waiting(reply),
                *charter_terms.whole(version.charter, reader),
                *_last_buttons(version, reader),
            ),
        )
    )


def _waiting(reply: CharterShown) -> Iterator[Block]:
    if reply.waiting is not None:
        yield note(f"Version {reply.waiting} waits for signatures. It has no effect before both companies sign.")
        yield Actions((show_button(reply.version.alliance_id, reply.waiting),))


def _last_buttons(version: CharterVersion, reader: Reader) -> Iterator[Block]:
    card = Card(
        version=version.version,
        state=version.state,
        purpose=version.charter.purpose,
        proposed_by=version.proposed_by,
        lapses_at=version.lapses_at,
        signatures=version.signatures,
    )
    buttons = signing(card, version.alliance_id, reader)
    member = reader.member
    if version.state is CharterState.DRAFT and member is not None and member.tier is Tier.ALLIANCE_MANAGER:
        buttons = (propose_button(version.alliance_id, version.version),)
    if buttons:
        yield Actions(buttons)


def none_yet(_reply: NoCharterYet, reader: Reader) -> Shown:
    return Shown(message=said(f"{reader.companies()} have no charter yet. Your operator can import one."))


def decline_asked(reply: DeclineAsked, reader: Reader) -> Shown:
    asked = TextBox(
        "reason",
        "Why, and what would have to change?",
        "Executives and alliance managers of both read it.",
        required=True,
    )
    return Shown(
        form=Form(
            title=f"Decline version {reply.version}",
            blocks=(paragraph("Declining ends this version for both companies."), asked),
            token=token("charter.decline", reader.roster.alliance_id, reply.version),
            submit="Decline",
        )
    )


# --- which words for which ----------------------------------------------------------------------------


def _subject(alliance_id: AllianceId, version: int) -> str:
    return f"charter:{alliance_id}:{version}"


_ABOUT: dict[str, Any] = {"alliance_id": sample.ALLIANCE, "version": 2}
_PROPOSED = CharterProposed(
    **_ABOUT,
    proposed_by=sample.ROSTER.by_key("cleo").id,
    lapses_at=sample.NEXT_WEEK,
    purpose=CHARTER.purpose,
    changes=CHANGES,
)
_DANA, _MARA = sample.ROSTER.by_key("dana").id, sample.ROSTER.by_key("mara").id
_CARD = Card(
    version=2,
    state=CharterState.PROPOSED,
    purpose=CHARTER.purpose,
    proposed_by=_PROPOSED.proposed_by,
    lapses_at=sample.NEXT_WEEK,
    signatures={sample.DC: (_DANA, sample.NOW)},
    changes=CHANGES,
)

TEMPLATES: Mapping[type[Notice], Template[Any]] = {
    CharterDrafted: Template(
        drafted,
        (
            CharterDrafted(alliance_id=sample.ALLIANCE, version=1, changes=(), first=CHARTER),
            CharterDrafted(**_ABOUT, changes=CHANGES),
        ),
        subject=lambda notice: f"{_subject(notice.alliance_id, notice.version)}:draft",
    ),
    CharterDraftRedrawn: Template(
        draft_redrawn,
        (CharterDraftRedrawn(alliance_id=sample.ALLIANCE, card=_CARD),),
        How.REDRAW,
        lambda notice: f"{_subject(notice.alliance_id, notice.card.version)}:draft",
    ),
    CharterProposed: Template(
        proposed,
        (replace(_PROPOSED, version=1, changes=(), first=CHARTER), _PROPOSED),
        subject=lambda notice: _subject(notice.alliance_id, notice.version),
    ),
    CharterRedrawn: Template(
        redrawn,
        (
            CharterRedrawn(alliance_id=sample.ALLIANCE, card=_CARD),
            CharterRedrawn(alliance_id=sample.ALLIANCE, card=replace(_CARD, state=CharterState.LAPSED)),
        ),
        How.REDRAW,
        lambda notice: _subject(notice.alliance_id, notice.card.version),
    ),
    CharterSigned: Template(
        signed,
        (CharterSigned(**_ABOUT, by=_DANA, at=sample.NOW, still_missing=(sample.MC,)),),
        How.THREAD,
        lambda notice: _subject(notice.alliance_id, notice.version),
    ),
    CharterDeclined: Template(
        declined,
        (CharterDeclined(**_ABOUT, by=_MARA, reason="The windows for urgent matters are too long.", in_force=1),),
        How.THREAD,
        lambda notice: _subject(notice.alliance_id, notice.version),
    ),
    CharterLapsed: Template(
        lapsed,
        (CharterLapsed(alliance_id=sample.ALLIANCE, version=1, missing=(sample.DC, sample.MC)),),
        How.THREAD,
        lambda notice: _subject(notice.alliance_id, notice.version),
    ),
    CharterInForce: Template(
        in_force,
        (
            CharterInForce(
                **_ABOUT,
                signed_by=(_DANA, _MARA),
                first_checkin=dt.date(2026, 3, 17),
                first_pulse=dt.date(2026, 3, 18),
                replaces=1,
            ),
        ),
    ),
}
REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = {
    CharterShown: shown,
    NoCharterYet: none_yet,
    DeclineAsked: decline_asked,
}
