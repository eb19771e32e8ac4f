"""Words about people: who is across, what can be asked, being away, what is stored, and two notices."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from alliance.disclosure import Across
from alliance.ids import MemberId
from alliance.notices import AdministrativeRead, MemberUnreachable, MessagesWait, Notice
from alliance.privacy import Trace
from alliance.roster import Platform, Tier
from bot.actions.tokens import token
from bot.commands import Command, help_for, nearest
from bot.messages import sample
from bot.messages.blocks import (
    Actions,
    Block,
    Button,
    Fact,
    Facts,
    Heading,
    Message,
    Quote,
    Strong,
    Table,
    Tone,
    When,
    fact,
    note,
    paragraph,
)
from bot.messages.literal import shorten
from bot.messages.phrases import counted, spoken
from bot.messages.reader import Reader
from bot.messages.status import status
from bot.messages.template import Shown, Template
from handlers.privacy import ForgettingAsked, Forgotten, StoredShown
from handlers.replies import Reply
from handlers.status import AwaySet, CounterpartsShown, HelpShown, StatusShown

MOST_WORDS, LONGEST_WORDS = 20, 500
"""Texts that are shown of what a person wrote, and letters of each."""
_PLATFORMS = {Platform.SLACK: "Slack", Platform.TEAMS: "Microsoft Teams"}


# --- notices ----------------------------------------------------------------------------------------


def unreachable(notice: MemberUnreachable, reader: Reader) -> Message:
    member = reader.roster.member(notice.member)
    said = f"{reader.name(notice.member)} can no longer be reached by the liaison."
    return Message(
        summary=said,
        blocks=(
            paragraph(said),
            Facts(
                (
                    fact("Why", notice.because),
                    fact("Role", member.tier.value),
                    fact("Responsibility", member.responsibility),
                )
            ),
            note(
                "Until somebody takes over, what is meant for this role reaches nobody. Please name a "
                "successor, or ask your operator to correct the address."
            ),
        ),
    )


def messages_wait(notice: MessagesWait, reader: Reader) -> Message:
    """Nothing of what waits: a channel is read by others."""
    said = f"Messages of the liaison wait for {reader.name(notice.member)}, who cannot be reached directly."
    return Message(
        summary=said,
        blocks=(
            paragraph("Messages of the liaison wait for ", reader.person(notice.member), "."),
            paragraph("They cannot be reached directly at the moment."),
            note(
                "What they say is for that person alone. Whoever sees them: please pass on the word. The messages come "
                "when that person writes to the liaison or adds it to their chat again."
            ),
        ),
    )


def administrative_read(notice: AdministrativeRead, reader: Reader) -> Message:
    read = f"An operator read {notice.what} ({reader.companies()})"
    said = f"{read}."
    return Message(
        summary=said,
        blocks=(
            paragraph(f"{read}, ", When(notice.at), "."),
            *((Facts(tuple(fact(label, text) for label, text in notice.details.items())),) * bool(notice.details)),
            note("The alliance managers of both companies are told of every such reading, in the same words."),
        ),
    )


# --- who is across, what can be asked ---------------------------------------------------------------


def counterparts(reply: CounterpartsShown, reader: Reader) -> Shown:
    across = reply.counterpart and Strong(reader.name(reply.counterpart))
    first = (
        paragraph("Across from you: ", across, ".")
        if across
        else paragraph("Nobody holds your responsibility on the other side.")
    )
    table = Table(
        title="Who is across from whom",
        columns=("Role", "Responsibility", *(side.company for side in reader.roster.sides)),
        rows=tuple(_across(row, reader) for row in reply.rows),
    )
    return Shown(message=Message(summary="Who is across from whom.", blocks=(first, table)))


def _across(row: Across, reader: Reader) -> tuple[str, ...]:
    names = (
        ", ".join(reader.roster.name_of(member) for member in row.members.get(side.key, ())) or "–"
        for side in reader.roster.sides
    )
    return (row.tier.value, row.responsibility, *names)


def helped(reply: HelpShown, _reader: Reader) -> Shown:
    said = "What you can ask the liaison."
    known = help_for(reply.tier)
    shared = [command for command in known if command in help_for(Tier.OPERATIONAL)]
    own = [command for command in known if command not in shared]
    as_tier = (paragraph(Strong(f"As {_a(reply.tier.value)}")), Facts(_rows(own))) if own else ()
    return Shown(
        message=Message(
            summary=said if reply.unknown is None else "That was not understood. Here is what you can ask.",
            blocks=(
                *_not_understood(reply),
                Heading("What you can ask"),
                Facts(_rows(shared)),
                *as_tier,
                note(
                    "Capitals and punctuation make no difference. If you are in several alliances, begin "
                    "with “in” and the alliance’s key."
                ),
            ),
        )
    )


def _rows(commands: Sequence[Command]) -> tuple[Fact, ...]:
    return tuple(fact(command.usage, command.says) for command in commands)


def _a(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _not_understood(reply: HelpShown) -> tuple[Block, ...]:
    if reply.unknown is None:
        return ()
    meant = nearest(reply.unknown, reply.tier)
    question = (" Did you mean ", Strong(meant.usage), "?") if meant else ()
    return (paragraph("“", reply.unknown, "” was not understood.", *question),)


# --- away -------------------------------------------------------------------------------------------


def away_set(reply: AwaySet, _reader: Reader) -> Shown:
    if reply.until is None:
        said = "Welcome back. The liaison asks you again as usual."
        button = Button("Where things stand", token("status.show", reply.alliance_id))
        return Shown(message=Message(summary=said, blocks=(paragraph(said), Actions((button,)))))
    said = f"You are away up to and including {spoken(reply.until)}; no reminders reach you until then."
    button = Button("I am back", token("status.back", reply.alliance_id))
    explained = note("Escalations that stand with you still reach you, so that neither side waits unheard.")
    return Shown(message=Message(summary=said, blocks=(paragraph(said), explained, Actions((button,)))))


# --- privacy ----------------------------------------------------------------------------------------


def stored(reply: StoredShown, reader: Reader) -> Shown:
    member = reply.member
    said = f"What is stored about you in {reader.roster.name}."
    profile = [
        fact("Name", member.name),
        fact("Role", f"{member.tier.value}, {member.responsibility}"),
        fact("Reached by", f"{_PLATFORMS[member.platform]}, {member.address}"),
    ]
    if member.away_until:
        profile.append(fact("Away until", spoken(member.away_until)))
    counts = [fact(trace.value.capitalize(), str(count)) for trace in Trace if (count := reply.counts.get(trace))]
    button = Button("Delete my data", token("privacy.ask-forget", member.alliance_id), tone=Tone.DANGER)
    return Shown(
        message=Message(
            summary=said,
            blocks=(
                Heading("What is stored about you"),
                Facts((*profile, *counts)),
                *_own_words(reply.words),
                note(
                    "Pulse answers are not linked to you: once a pulse has closed, nobody can tell which "
                    "were yours, the liaison included. Figures in which you were counted carry no names."
                ),
                Actions((button,)),
            ),
        )
    )


def _own_words(words: tuple[str, ...]) -> tuple[Block, ...]:
    """What the person wrote, for their eyes alone; what has no room is counted."""
    if not words:
        return ()
    more = len(words) - MOST_WORDS
    rest = (note(f"And {counted(more, 'more text')} of yours, of the same kinds."),) if more > 0 else ()
    shown = (Quote(shorten(text, LONGEST_WORDS)) for text in words[:MOST_WORDS])
    return paragraph(Strong("What you wrote")), *shown, *rest


def forgetting_asked(reply: ForgettingAsked, _reader: Reader) -> Shown:
    said = "Delete what is stored about you? This cannot be undone."
    handed = (
        (note(f"You own {reply.open_items} open action items; they stay, without an owner people can reach."),)
        if reply.open_items
        else ()
    )
    return Shown(
        message=Message(
            summary=said,
            blocks=(
                paragraph(Strong(said)),
                paragraph(
                    "Your name and chat address, your answers, and your own words in check-ins, escalations "
                    "and checkpoints are deleted, and you leave this alliance. Your alliance manager is told "
                    "that the role is free."
                ),
                note(
                    "Figures in which you were counted stay. So do the titles of what you raised, and what "
                    "both companies decided, without your name."
                ),
                *handed,
                Actions(
                    (
                        Button("Delete my data", token("privacy.forget", reply.alliance_id), tone=Tone.DANGER),
                        Button("Keep it", token("status.show", reply.alliance_id)),
                    )
                ),
            ),
        ),
        replaces=True,
    )


def forgotten(_reply: Forgotten, _reader: Reader) -> Shown:
    said = "Your data is deleted, and you are no longer part of this alliance. Thank you for your part in it."
    kept = note("What stands in this chat is kept by your company’s chat system, not by the liaison.")
    return Shown(message=Message(summary=said, blocks=(paragraph(said), kept)), replaces=True)


TEMPLATES: Mapping[type[Notice], Template[Any]] = {
    MemberUnreachable: Template(
        unreachable,
        (MemberUnreachable(alliance_id=sample.ALLIANCE, member=MemberId("ana"), because="the account is deactivated"),),
    ),
    MessagesWait: Template(
        messages_wait, (MessagesWait(alliance_id=sample.ALLIANCE, member=MemberId("ana"), side=sample.DC),)
    ),
    AdministrativeRead: Template(
        administrative_read,
        (
            AdministrativeRead(
                alliance_id=sample.ALLIANCE,
                what="the audit trail",
                at=sample.NOW,
                details={"Reason": "Yearly review", "Entries": "1 to 120"},
            ),
            AdministrativeRead(alliance_id=sample.ALLIANCE, what="the charter", at=sample.NOW, details={}),
        ),
    ),
}

REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = {
    StatusShown: status,
    CounterpartsShown: counterparts,
    HelpShown: helped,
    AwaySet: away_set,
    StoredShown: stored,
    ForgettingAsked: forgetting_asked,
    Forgotten: forgotten,
}
