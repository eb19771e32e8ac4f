"""The tables. Rows never leave `storage/`: repositories take and give the rules' own frozen dataclasses.

An aggregate is stored whole in `document`; columns beside it are only those that are searched by or kept unique.
Tables of who answered have no row order of their own (`sqlite_with_rowid`), so that order cannot be read from a file.
"""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

UNORDERED = {"sqlite_with_rowid": False}


def document() -> Any:
    """A JSON column that holds a dataclass as `codec.encode` writes it."""
    return Field(sa_column=Column(JSON, nullable=False))


class AllianceRow(SQLModel, table=True):
    """`revision` is another one after each change of the alliance or its members, so that one may know of none."""

    __tablename__ = "alliances"
    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    name: str
    revision: str = Field(default="", sa_column_kwargs={"server_default": ""})
    sides: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))


class MemberRow(SQLModel, table=True):
    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("alliance_id", "key"),
        Index("members_by_address", "platform", "workspace", "address"),
    )
    id: str = Field(primary_key=True)
    alliance_id: str = Field(index=True)
    key: str
    position: int
    platform: str
    workspace: str
    address: str
    document: dict[str, Any] = document()


class CharterRow(SQLModel, table=True):
    __tablename__ = "charters"
    alliance_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    state: str
    document: dict[str, Any] = document()


class CheckinRow(SQLModel, table=True):
    __tablename__ = "checkins"
    __table_args__ = (UniqueConstraint("alliance_id", "day"),)
    id: str = Field(primary_key=True)
    alliance_id: str
    day: dt.date
    state: str
    document: dict[str, Any] = document()
    summary: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class CheckinAnswerRow(SQLModel, table=True):
    __tablename__ = "checkin_answers"
    checkin_id: str = Field(primary_key=True)
    member_id: str = Field(primary_key=True)
    document: dict[str, Any] = document()


class PulseRow(SQLModel, table=True):
    """`secret` is sealed, and null from the close on; `results` is what was published."""

    __tablename__ = "pulses"
    __table_args__ = (UniqueConstraint("alliance_id", "day"), UniqueConstraint("alliance_id", "number"))
    id: str = Field(primary_key=True)
    alliance_id: str
    number: int
    day: dt.date
    state: str
    secret: str | None = None
    document: dict[str, Any] = document()
    results: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class PulseAnswerRow(SQLModel, table=True):
    """`key` is an HMAC of the member while the round is open and random after it; `comment` is null after it."""

    __tablename__ = "pulse_answers"
    __table_args__ = UNORDERED
    pulse_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    side: str
    ratings: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    comment: str | None = None


class PulseCommentRow(SQLModel, table=True):
    """Comments of a closed round, apart from the ratings they came with."""

    __tablename__ = "pulse_comments"
    __table_args__ = UNORDERED
    pulse_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    side: str
    comment: str


class PulseParticipationRow(SQLModel, table=True):
    """Who has answered, only to remind; deleted at the close."""

    __tablename__ = "pulse_participations"
    __table_args__ = UNORDERED
    pulse_id: str = Field(primary_key=True)
    member_id: str = Field(primary_key=True)


class EscalationRow(SQLModel, table=True):
    __tablename__ = "escalations"
    __table_args__ = (
        UniqueConstraint("alliance_id", "number"),
        Index("escalations_ended", "alliance_id", "ended_at"),
        Index("escalations_raised", "alliance_id", "raised_at"),
        Index("escalations_from", "alliance_id", "source"),
    )
    id: str = Field(primary_key=True)
    alliance_id: str
    number: int
    state: str
    source: str
    raised_at: dt.datetime
    ended_at: dt.datetime | None = None
    document: dict[str, Any] = document()


class CheckpointRow(SQLModel, table=True):
    __tablename__ = "checkpoints"
    __table_args__ = (UniqueConstraint("alliance_id", "day"),)
    id: str = Field(primary_key=True)
    alliance_id: str
    day: dt.date
    state: str
    document: dict[str, Any] = document()
    retrospective: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class CheckpointAnswerRow(SQLModel, table=True):
    __tablename__ = "checkpoint_answers"
    checkpoint_id: str = Field(primary_key=True)
    member_id: str = Field(primary_key=True)
    document: dict[str, Any] = document()


class ActionItemRow(SQLModel, table=True):
    __tablename__ = "action_items"
    __table_args__ = (
        UniqueConstraint("alliance_id", "number"),
        Index("action_items_by_state", "alliance_id", "state"),
    )
    id: str = Field(primary_key=True)
    alliance_id: str
    number: int
    owner: str
    due: dt.date
    state: str
    document: dict[str, Any] = document()


class WarningRow(SQLModel, table=True):
    """`occasion` names what happened once ("pulse 4"), so that a warning is found once for it."""

    __tablename__ = "warnings"
    __table_args__ = (
        UniqueConstraint("alliance_id", "rule", "subject", "occasion"),
        Index("warnings_found", "alliance_id", "found_at"),
    )
    id: str = Field(primary_key=True)
    alliance_id: str
    rule: str
    subject: str
    occasion: str
    found_at: dt.datetime
    document: dict[str, Any] = document()


class DigestRow(SQLModel, table=True):
    """One week's digest, made once, so that both companies read the same."""

    __tablename__ = "digests"
    alliance_id: str = Field(primary_key=True)
    week: dt.date = Field(primary_key=True)
    document: dict[str, Any] = document()


class TimerRow(SQLModel, table=True):
    """An intent with a date. `set_aside_at` is set when it failed too often to be tried again by itself."""

    __tablename__ = "timers"
    __table_args__ = (
        Index("timers_due", "set_aside_at", "due_at", "key"),
        Index("timers_retried", "set_aside_at", "retry_at"),
        Index("timers_of", "alliance_id", "due_at"),
    )
    key: str = Field(primary_key=True)
    alliance_id: str
    intent: str
    body: dict[str, Any] = document()
    due_at: dt.datetime
    retry_at: dt.datetime | None = None
    attempts: int = 0
    set_aside_at: dt.datetime | None = None
    error: str | None = None


class NoticeRow(SQLModel, table=True):
    __tablename__ = "notices"
    __table_args__ = (Index("notices_of", "alliance_id", "kind"),)
    id: str = Field(primary_key=True)
    alliance_id: str
    kind: str
    body: dict[str, Any] = document()
    created_at: dt.datetime = Field(index=True)


class DeliveryRow(SQLModel, table=True):
    """One notice to one recipient; `id` is the order in which a lane sends."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "recipient"),
        Index("deliveries_waiting", "state", "lane", "not_before"),
        Index("deliveries_next", "state", "lane", "urgent", "id"),
        Index("deliveries_to", "recipient", "state"),
        Index("deliveries_of", "alliance_id", "kind"),
    )
    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    )
    notice_id: str
    alliance_id: str
    kind: str
    recipient: str
    lane: str
    urgent: bool = False
    state: str
    attempts: int = 0
    not_before: dt.datetime
    reference: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    error: str | None = None


class PostRow(SQLModel, table=True):
    """The message by which a recipient knows a subject, so that later states update it or thread under it."""

    __tablename__ = "posts"
    recipient: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    alliance_id: str = Field(index=True)
    reference: dict[str, Any] = document()


class InboxRow(SQLModel, table=True):
    """A request that was taken: a digest of what makes two deliveries of it the same, nothing else."""

    __tablename__ = "inbox"
    __table_args__ = UNORDERED
    key: str = Field(primary_key=True)
    received_at: dt.datetime = Field(index=True)


class DraftRow(SQLModel, table=True):
    """What somebody has begun to write in a dialog, by the token that it is sent with; `sealed` holds the inputs."""

    __tablename__ = "drafts"
    __table_args__ = UNORDERED
    author: str = Field(primary_key=True)
    form: str = Field(primary_key=True)
    sealed: str
    kept_at: dt.datetime = Field(index=True)


class ChoreRow(SQLModel, table=True):
    """What the installation owes itself; `occasion` is another one each time, and tells nothing."""

    __tablename__ = "chores"
    __table_args__ = UNORDERED
    name: str = Field(primary_key=True)
    occasion: str


class AuditRow(SQLModel, table=True):
    __tablename__ = "audit"
    alliance_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    document: dict[str, Any] = document()


class AuditDetailsRow(SQLModel, table=True):
    """People's own words behind an audit entry, apart from the chain so that they can be deleted."""

    __tablename__ = "audit_details"
    alliance_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    actor: str | None = Field(default=None, index=True)
    salt: str
    details: dict[str, Any] = document()


class WorkspaceRow(SQLModel, table=True):
    """`tokens` is sealed with the installation's secret key."""

    __tablename__ = "workspaces"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)
    id: str = Field(primary_key=True)
    platform: str
    external_id: str
    name: str
    service_url: str | None = None
    bot_user: str | None = None
    tokens: str


class ConversationRow(SQLModel, table=True):
    """Where a person or channel of a workspace is spoken to, learnt once and kept."""

    __tablename__ = "conversations"
    workspace_id: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    conversation: str
    service_url: str | None = None
