"""How a recipient is named in a key."""

from alliance.audience import Recipient, ToChannel, ToHome, ToMember
from alliance.ids import MemberId, SideKey


def recipient_key(recipient: Recipient) -> str:
    """The recipient as the unique key of a delivery names it."""
    match recipient:
        case ToMember(member_id):
            return f"member:{member_id}"
        case ToChannel(side):
            return f"channel:{side}"
        case ToHome(member_id):
            return f"home:{member_id}"


def recipient_of(key: str) -> Recipient:
    kind, _, name = key.partition(":")
    if kind == "home":
        return ToHome(MemberId(name))
    return ToMember(MemberId(name)) if kind == "member" else ToChannel(SideKey(name))
