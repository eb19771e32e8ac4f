"""The charter's way from a draft to being in force: proposed, signed by both companies, declined, lapsed."""

from collections.abc import Mapping
from dataclasses import dataclass

from alliance import charter as rules
from alliance.audit import AuditFact
from alliance.charter import CharterState, CharterVersion, NothingToPropose, NothingToSign, OneAtATime
from alliance.errors import InvalidInput, NotFound
from alliance.ids import SideKey
from alliance.notices import (
    CharterDeclined,
    CharterDraftRedrawn,
    CharterInForce,
    CharterLapsed,
    CharterProposed,
    CharterRedrawn,
    CharterSigned,
)
from handlers import checkins, checkpoints, digests, pulses
from handlers.call import Call, Handler
from handlers.intents import AskDeclineCharter, DeclineCharter, Intent, ProposeCharter, ShowCharter, SignCharter
from handlers.replies import Nothing, Reply
from handlers.time_intents import LapseCharter
from storage.fingerprint import fingerprint


@dataclass(frozen=True, slots=True)
class CharterShown(Reply):
    """One version, whole; `waiting` is another version that waits for signatures meanwhile."""

    version: CharterVersion
    waiting: int | None = None


@dataclass(frozen=True, slots=True)
class NoCharterYet(Reply):
    """Nothing was imported for this alliance so far."""


@dataclass(frozen=True, slots=True)
class DeclineAsked(Reply):
    """The dialog in which to say why."""

    version: int


async def propose(call: Call, intent: ProposeCharter) -> Reply:
    await call.uow.rosters.lock(call.alliance_id)
    draft = await _draft(call, intent.version)
    agreed = await call.uow.charters.agreed(call.alliance_id)
    proposed = rules.propose(draft, call.asker.id, call.now, agreed.charter if agreed else None)
    if await call.uow.charters.proposed(call.alliance_id) is not None:
        raise OneAtATime
    await call.uow.charters.save(proposed)
    card = await _card(call, proposed)
    assert proposed.lapses_at is not None
    await call.promise(
        f"charter:{proposed.version}:lapse",
        LapseCharter(alliance_id=call.alliance_id, version=proposed.version),
        proposed.lapses_at,
    )
    await call.record(_fact("charter proposed", proposed, call))
    await call.tell(
        CharterDraftRedrawn(alliance_id=call.alliance_id, card=card),
        CharterProposed(
            alliance_id=call.alliance_id,
            version=proposed.version,
            proposed_by=call.asker.id,
            lapses_at=proposed.lapses_at,
            purpose=card.purpose,
            changes=card.changes,
            first=card.first,
        ),
    )
    return Nothing()


async def sign(call: Call, intent: SignCharter) -> Reply:
    await call.uow.rosters.lock(call.alliance_id)
    version = await _proposed(call, intent.version)
    side = call.asker.side
    if side is None:
        raise NotFound
    signed = rules.sign(version, side, call.asker.id, call.now)
    await call.record(_fact("charter signed", signed, call, company=str(side)))
    if signed.state is CharterState.IN_FORCE:
        return await _into_force(call, signed)
    await call.uow.charters.save(signed)
    await call.tell(
        CharterRedrawn(alliance_id=call.alliance_id, card=await _card(call, signed)),
        CharterSigned(
            alliance_id=call.alliance_id,
            version=signed.version,
            by=call.asker.id,
            at=call.now,
            still_missing=_missing(call, signed),
        ),
    )
    return Nothing()


async def _into_force(call: Call, signed: CharterVersion) -> Reply:
    card = await _card(call, signed)
    previous = await call.uow.charters.agreed(call.alliance_id)
    if previous is not None:
        await call.uow.charters.save(rules.supersede(previous))
    await call.uow.charters.save(signed)
    await call.take_back(f"charter:{signed.version}:lapse")
    await call.record(_fact("charter in force", signed, call))
    first_checkin = await checkins.schedule_first(call, signed)
    first_pulse = await pulses.schedule_first(call, signed)
    await checkpoints.schedule_first(call, signed)
    await digests.schedule_first(call, signed)
    await call.tell(
        CharterRedrawn(alliance_id=call.alliance_id, card=card),
        CharterInForce(
            alliance_id=call.alliance_id,
            version=signed.version,
            signed_by=tuple(who for who, _ in signed.signatures.values()),
            first_checkin=first_checkin,
            first_pulse=first_pulse,
            replaces=previous.version if previous else None,
        ),
    )
    return Nothing()


async def ask_decline(call: Call, intent: AskDeclineCharter) -> Reply:
    version = await _proposed(call, intent.version)
    rules.decline(version, call.now)
    return DeclineAsked(version.version)


async def decline(call: Call, intent: DeclineCharter) -> Reply:
    await call.uow.rosters.lock(call.alliance_id)
    version = await _proposed(call, intent.version)
    declined = rules.decline(version, call.now)
    reason = intent.reason.strip()
    if not reason:
        raise InvalidInput({"reason": "Say in a sentence or two what would have to change."})
    await call.uow.charters.save(declined)
    await call.take_back(f"charter:{declined.version}:lapse")
    await call.record(_fact("charter declined", declined, call, details={"reason": reason}))
    in_force = await call.uow.charters.agreed(call.alliance_id)
    await call.tell(
        CharterRedrawn(alliance_id=call.alliance_id, card=await _card(call, declined)),
        CharterDeclined(
            alliance_id=call.alliance_id,
            version=declined.version,
            by=call.asker.id,
            reason=reason,
            in_force=in_force.version if in_force else None,
        ),
    )
    return Nothing()


async def lapse(call: Call, intent: LapseCharter) -> Reply:
    version = await call.uow.charters.get(call.alliance_id, intent.version)
    if version.state is not CharterState.PROPOSED:
        return Nothing()
    lapsed = rules.lapse(version)
    await call.uow.charters.save(lapsed)
    await call.record(_fact("charter lapsed", lapsed, call))
    in_force = await call.uow.charters.agreed(call.alliance_id)
    await call.tell(
        CharterRedrawn(alliance_id=call.alliance_id, card=await _card(call, lapsed)),
        CharterLapsed(
            alliance_id=call.alliance_id,
            version=lapsed.version,
            missing=_missing(call, lapsed),
            in_force=in_force.version if in_force else None,
        ),
    )
    return Nothing()


async def show(call: Call, intent: ShowCharter) -> Reply:
    charters = call.uow.charters
    if intent.version is not None:
        return CharterShown(await charters.get(call.alliance_id, intent.version))
    waiting = await charters.proposed(call.alliance_id)
    agreed = await charters.agreed(call.alliance_id)
    shown = agreed or waiting or await charters.newest(call.alliance_id)
    if shown is None:
        return NoCharterYet()
    return CharterShown(shown, waiting.version if waiting and waiting is not shown else None)


async def _draft(call: Call, version: int | None) -> CharterVersion:
    if version is not None:
        return await call.uow.charters.get(call.alliance_id, version)
    draft = await call.uow.charters.draft(call.alliance_id)
    if draft is None:
        raise NothingToPropose
    return draft


async def _proposed(call: Call, version: int | None) -> CharterVersion:
    if version is not None:
        return await call.uow.charters.get(call.alliance_id, version)
    proposed = await call.uow.charters.proposed(call.alliance_id)
    if proposed is None:
        raise NothingToSign
    return proposed


async def _card(call: Call, version: CharterVersion) -> rules.Card:
    """The version beside the charter that is in force before it."""
    agreed = await call.uow.charters.agreed(call.alliance_id)
    return rules.card_of(version, agreed.charter if agreed else None)


def _missing(call: Call, version: CharterVersion) -> tuple[SideKey, ...]:
    return rules.missing(version, (side.key for side in call.roster.sides))


def _fact(
    event: str,
    version: CharterVersion,
    call: Call,
    *,
    company: str = "",
    details: Mapping[str, str] | None = None,
) -> AuditFact:
    """Every step names the version and the fingerprint of its terms, to prove later what was signed."""
    facts = {"version": str(version.version), "terms": fingerprint(version.charter)}
    return AuditFact(
        event,
        subject=f"charter {version.version}",
        actor=call.member.id if call.member else None,
        facts={**facts, "company": company} if company else facts,
        details=details,
    )


HANDLERS: Mapping[type[Intent], Handler] = {
    ProposeCharter: propose,
    SignCharter: sign,
    AskDeclineCharter: ask_decline,
    DeclineCharter: decline,
    LapseCharter: lapse,
    ShowCharter: show,
}
