"""The audit trail: an append-only chain in which every entry holds the hash of the one before it.

People's own words and names never stand in the chain: an entry holds only the salted digest of its details, so that
details can be deleted for a person's sake and the chain still verifies.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from alliance.ids import AllianceId, MemberId

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditFact:
    """Something that was agreed, raised, acknowledged or decided, before it has its place in the chain.

    `facts` are plain words and figures without personal data; `details` may hold people's own words.
    """

    event: str
    subject: str
    actor: MemberId | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One link of an alliance's chain; `seq` counts from 1."""

    alliance_id: AllianceId
    seq: int
    at: dt.datetime
    event: str
    subject: str
    actor: MemberId | None
    facts: Mapping[str, str]
    details_digest: str | None
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first place where a chain does not hold, and why."""

    seq: int
    because: str


def digest_of(details: Mapping[str, str], salt: str) -> str:
    """The salted SHA-256 of details; without the salt, which is deleted with them, nothing can be guessed."""
    return hashlib.sha256((salt + _canonical(details)).encode()).hexdigest()


def link(
    fact: AuditFact,
    *,
    alliance_id: AllianceId,
    previous: AuditEntry | None,
    at: dt.datetime,
    salt: str,
) -> AuditEntry:
    """Append a fact to the chain after `previous` (None: the first entry)."""
    draft = AuditEntry(
        alliance_id=alliance_id,
        seq=previous.seq + 1 if previous else 1,
        at=at,
        event=fact.event,
        subject=fact.subject,
        actor=fact.actor,
        facts=dict(fact.facts),
        details_digest=digest_of(fact.details, salt) if fact.details else None,
        previous=previous.hash if previous else GENESIS,
        hash="",
    )
    return replace(draft, hash=_hash(draft))


def verify(entries: Iterable[AuditEntry]) -> BrokenLink | None:
    """Walk a chain from its first entry; None when every link holds."""
    previous = GENESIS
    for seq, entry in enumerate(entries, start=1):
        if entry.seq != seq:
            return BrokenLink(seq, f"entry {seq} is missing")
        if entry.previous != previous:
            return BrokenLink(seq, "it does not follow the entry before it")
        if entry.hash != _hash(entry):
            return BrokenLink(seq, "its content was changed")
        previous = entry.hash
    return None


def _hash(entry: AuditEntry) -> str:
    content = {
        "alliance": entry.alliance_id,
        "seq": entry.seq,
        "at": entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "event": entry.event,
        "subject": entry.subject,
        "actor": entry.actor,
        "facts": dict(entry.facts),
        "details": entry.details_digest,
        "previous": entry.previous,
    }
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def _canonical(value: Mapping[str, object]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
