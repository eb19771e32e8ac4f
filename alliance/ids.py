"""The names of things: one `NewType` per kind, so that an id of one kind is never taken for another."""

from typing import NewType

AllianceId = NewType("AllianceId", str)
SideKey = NewType("SideKey", str)
MemberId = NewType("MemberId", str)
WorkspaceId = NewType("WorkspaceId", str)
CheckinId = NewType("CheckinId", str)
PulseId = NewType("PulseId", str)
EscalationId = NewType("EscalationId", str)
CheckpointId = NewType("CheckpointId", str)
ActionItemId = NewType("ActionItemId", str)
WarningId = NewType("WarningId", str)
NoticeId = NewType("NoticeId", str)
