"""Importing an alliance: people and companies change at once, the charter becomes a draft for both to sign.

The operator asks this through the command line, so there is no member and no intent; the caller commits.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from alliance import charter as rules
from alliance.audit import AuditFact
from alliance.charter import Change, Charter, CharterState, CharterVersion, card_of, diff
from alliance.enrolment import Enrolment, company_changes, enrol, kept_out, people_changes
from alliance.errors import AllianceError
from alliance.ids import AllianceId
from alliance.notices import CharterDrafted, CharterDraftRedrawn
from alliance.roster import Roster
from handlers.call import Call, lane_of
from storage.fingerprint import fingerprint
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import changes. `charter_changes` are those against the newest version that may still count.

    `drafts` is the version that it stores as a draft, `withdraws` the draft, never proposed, that it replaces
    or takes back; `waiting` is a version that waits for signatures and is left alone; `kept_out` names people
    in the file who asked to be forgotten.
    """

    alliance: str
    is_new: bool
    company_changes: tuple[Change, ...]
    people_changes: tuple[Change, ...]
    charter_changes: tuple[Change, ...]
    drafts: int | None
    withdraws: int | None
    waiting: int | None
    kept_out: tuple[str, ...]

    @property
    def changes_roster(self) -> bool:
        return self.is_new or bool(self.company_changes or self.people_changes)

    @property
    def changes_nothing(self) -> bool:
        return not self.changes_roster and self.drafts is None and self.withdraws is None


class ChangedMeanwhile(AllianceError):
    """Something changed since the differences were shown, so nothing was imported. Look at them once more."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """The versions that may still count."""

    agreed: CharterVersion | None
    proposed: CharterVersion | None
    draft: CharterVersion | None
    latest: CharterVersion | None
    newest: int


async def plan_import(uow: UnitOfWork, enrolment: Enrolment, charter: Charter) -> ImportPlan:
    """Say what importing this would change, and change nothing. CompanyKeysChanged, CompanyChanged."""
    known = await uow.rosters.by_key(enrolment.key)
    after = enrol(enrolment, known, _id_of(known, uow.new_id), uow.new_id)
    standing = await _standing(uow, after.alliance_id)
    return _plan(enrolment, charter, known=known, after=after, standing=standing)


async def import_alliance(
    uow: UnitOfWork,
    enrolment: Enrolment,
    charter: Charter,
    *,
    now: dt.datetime,
    expected: ImportPlan | None = None,
) -> ImportPlan:
    """Bring the alliance up to what its file says and return what that changed; the caller commits.

    The same file again changes nothing. No term of the charter takes effect by this. ChangedMeanwhile when
    the plan is not the one that was shown.
    """
    await uow.rosters.claim(enrolment.key)
    known = await uow.rosters.by_key(enrolment.key)
    if known is not None:
        await uow.rosters.lock(known.alliance_id)
    after = enrol(enrolment, known, _id_of(known, uow.new_id), uow.new_id)
    standing = await _standing(uow, after.alliance_id)
    plan = _plan(enrolment, charter, known=known, after=after, standing=standing)
    if expected is not None and plan != expected:
        raise ChangedMeanwhile
    call = Call(uow=uow, roster=after, member=None, now=now)
    if plan.changes_roster:
        await uow.rosters.save(after)
        await _reach_again(uow, known, after, now)
        await call.record(*_roster_facts(plan))
    if plan.withdraws is not None and standing.draft is not None:
        await _withdraw(call, standing.draft, standing.agreed)
    if plan.drafts is not None:
        await _store_draft(call, charter, plan.drafts, standing.agreed)
    return plan


async def _reach_again(uow: UnitOfWork, known: Roster | None, after: Roster, now: dt.datetime) -> None:
    """Send to the new address what could not reach somebody at the old one."""
    lost = {member.id for member in known.members if not member.reachable} if known else set()
    for member in after.members:
        if member.id in lost and member.reachable:
            await uow.outbox.revive(member.id, lane_of(member), now)


def _id_of(known: Roster | None, new_id: Callable[[], str]) -> AllianceId:
    return known.alliance_id if known else AllianceId(new_id())


async def _standing(uow: UnitOfWork, alliance_id: AllianceId) -> _Standing:
    newest = await uow.charters.newest(alliance_id)
    return _Standing(
        agreed=await uow.charters.agreed(alliance_id),
        proposed=await uow.charters.proposed(alliance_id),
        draft=await uow.charters.draft(alliance_id),
        latest=await uow.charters.latest(alliance_id),
        newest=newest.version if newest else 0,
    )


def _plan(
    enrolment: Enrolment, charter: Charter, *, known: Roster | None, after: Roster, standing: _Standing
) -> ImportPlan:
    latest = standing.latest
    changes = diff(latest.charter if latest else None, charter)
    stands = (version for version in (standing.agreed, standing.proposed) if version is not None)
    stands_already = any(not diff(version.charter, charter) for version in stands)
    draft = standing.draft.version if standing.draft else None
    return ImportPlan(
        alliance=enrolment.key,
        is_new=known is None,
        company_changes=company_changes(known, after),
        people_changes=people_changes(known, after),
        charter_changes=changes,
        drafts=standing.newest + 1 if changes and not stands_already else None,
        withdraws=draft if changes else None,
        waiting=standing.proposed.version if standing.proposed and changes else None,
        kept_out=kept_out(after, enrolment),
    )


def _roster_facts(plan: ImportPlan) -> list[AuditFact]:
    """How many people, which fields of which company: nobody's name stands in the trail."""
    joined = sum(change.before is None for change in plan.people_changes)
    left = sum(change.after is None for change in plan.people_changes)
    people = {"joined": joined, "left": left, "changes": len(plan.people_changes) - joined - left}
    fields = {change.field: change.after or "" for change in plan.company_changes}
    return [
        AuditFact("people imported", "people", facts={name: str(count) for name, count in people.items()}),
        *([AuditFact("companies imported", "companies", facts=fields)] if fields else []),
    ]


async def _withdraw(call: Call, draft: CharterVersion, agreed: CharterVersion | None) -> None:
    withdrawn = rules.supersede(draft)
    await call.uow.charters.save(withdrawn)
    await call.record(AuditFact("charter draft withdrawn", f"charter {draft.version}"))
    card = card_of(withdrawn, agreed.charter if agreed else None)
    await call.tell(CharterDraftRedrawn(alliance_id=call.alliance_id, card=card))


async def _store_draft(call: Call, charter: Charter, number: int, agreed: CharterVersion | None) -> None:
    draft = CharterVersion(
        alliance_id=call.alliance_id,
        version=number,
        charter=charter,
        state=CharterState.DRAFT,
        drafted_at=call.now,
    )
    await call.uow.charters.save(draft)
    facts = {"version": str(number), "terms": fingerprint(charter)}
    await call.record(AuditFact("charter drafted", f"charter {number}", facts=facts))
    card = card_of(draft, agreed.charter if agreed else None)
    await call.tell(
        CharterDrafted(alliance_id=call.alliance_id, version=number, changes=card.changes, first=card.first)
    )
