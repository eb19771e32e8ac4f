"""The card of one charter version: how it stands, what it says, who has signed, and what can be pressed."""

from collections.abc import Iterator, Mapping
from typing import Any

from alliance.charter import Card, Change, Charter, CharterState
from alliance.ids import AllianceId, SideKey
from alliance.roster import Tier
from bot.actions.tokens import token
from bot.messages import charter_terms
from bot.messages.blocks import (
    Actions,
    Block,
    Button,
    Does,
    Fact,
    Facts,
    Heading,
    Line,
    Message,
    Quote,
    Tone,
    When,
    fact,
    line,
    paragraph,
)
from bot.messages.reader import Reader

STATES: Mapping[CharterState, str] = {
    CharterState.DRAFT: "It is a draft: either alliance manager can propose it.",
    CharterState.PROPOSED: "It waits for one signature of each company.",
    CharterState.IN_FORCE: "Both companies have signed it; it is in force.",
    CharterState.SUPERSEDED: "A newer version took its place.",
    CharterState.LAPSED: "It was not signed by both companies in time, so it lapsed.",
    CharterState.DECLINED: "It was declined, so it will not come into force.",
}


def card_message(card: Card, alliance_id: AllianceId, reader: Reader) -> Message:
    return Message(
        f"The charter of {reader.companies()}, version {card.version}. {STATES[card.state]}",
        (
            Heading(f"The charter of {reader.companies()}, version {card.version}"),
            paragraph(*_standing(card, reader)),
            Quote(card.purpose),
            *terms(card.changes, card.first, reader),
            signed_by(card.signatures, card.state, reader),
            Actions((*signing(card, alliance_id, reader), show_button(alliance_id, card.version))),
        ),
    )


def _standing(card: Card, reader: Reader) -> Line:
    if card.state is not CharterState.PROPOSED or card.lapses_at is None:
        return line(STATES[card.state])
    return line(
        reader.person(card.proposed_by),
        " proposes it. It comes into force when one executive of each company has signed. Without both signatures by ",
        When(card.lapses_at),
        " it lapses: silence is no.",
    )


def terms(made: tuple[Change, ...], first: Charter | None, reader: Reader) -> Iterator[Block]:
    if first is not None:
        yield paragraph("This is the first charter. Its main terms:")
        yield charter_terms.main_terms(first)
    elif made:
        yield paragraph("What changes against the charter in force:")
        yield from charter_terms.changes(made, reader)
    else:
        yield paragraph("It says the same as the charter in force.")


def signed_by(signatures: Mapping[SideKey, Any], state: CharterState, reader: Reader) -> Facts:
    rows: list[Fact] = []
    for side in reader.roster.sides:
        if side.key in signatures:
            who, at = signatures[side.key]
            rows.append(fact(side.company, "signed by ", reader.person(who), ", ", When(at)))
        else:
            waits = state is CharterState.PROPOSED
            rows.append(fact(side.company, "not signed yet" if waits else "not signed"))
    return Facts(tuple(rows))


def signing(card: Card, alliance_id: AllianceId, reader: Reader) -> tuple[Button, ...]:
    """Only an executive whose company has not signed sees the buttons; the server asks again anyway."""
    member = reader.member
    if card.state is not CharterState.PROPOSED or member is None or member.tier is not Tier.EXECUTIVE:
        return ()
    decline = Button("Decline", token("charter.ask-decline", alliance_id, card.version), Does.OPEN_FORM, Tone.DANGER)
    if member.side in card.signatures:
        return (decline,)
    return (
        Button("Sign", token("charter.sign", alliance_id, card.version), tone=Tone.PRIMARY),
        decline,
    )


def propose_button(alliance_id: AllianceId, version: int) -> Button:
    return Button("Propose", token("charter.propose", alliance_id, version), tone=Tone.PRIMARY)


def show_button(alliance_id: AllianceId, version: int) -> Button:
    return Button("See the whole charter", token("charter.show", alliance_id, version))
