"""Conversations, people and the app itself. Source: docs.slack.dev/reference/methods."""

import base64
from zoneinfo import ZoneInfo

from sandbox.slack.calls import Call, Method, Refused
from sandbox.slack.state import Channel, Json, Message, Person, Workspace, World

_SCOPES = "chat:write,commands,im:history,im:write,users:read,users:read.email,channels:read,groups:read,im:read"


def _auth_test(call: Call) -> Json:
    workspace = call.workspace
    return {
        "ok": True,
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": workspace.person(workspace.bot_user_id).name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def _connections_open(call: Call) -> Json:
    return {"ok": True, "url": call.new_socket_url()}


def _conversations_open(call: Call) -> Json:
    channel, was_open = _opened(call)
    shown: Json = {"id": channel.channel_id}
    if call.arguments.flag("return_im"):
        shown = conversation_json(call.workspace, channel)
    if was_open:
        return {"ok": True, "no_op": True, "already_open": True, "channel": shown}
    return {"ok": True, "channel": shown}


def _opened(call: Call) -> tuple[Channel, bool]:
    channel_id, users = call.arguments.text("channel"), call.arguments.text("users")
    if channel_id is not None:
        channel = call.channel(channel_id)
        if channel.im_with is None:
            raise Refused("method_not_supported_for_channel_type")
        return channel, True
    if users is None:
        raise Refused("users_list_not_supplied")
    user_ids = [one.strip() for one in users.split(",") if one.strip()]
    people = [call.person(one) for one in user_ids]
    if len(people) != 1:
        raise Refused("invalid_user_combination")  # the app asks for no group conversations
    if people[0].home_team_id != call.workspace.team_id:
        raise Refused("user_not_found")
    if people[0].is_bot:
        raise Refused("cannot_dm_bot")
    if people[0].deleted:
        raise Refused("user_disabled")
    return call.world.open_im(call.workspace, people[0].user_id)


def _conversations_info(call: Call) -> Json:
    channel = call.workspace.channels.get(call.arguments.needed("channel"))
    if channel is None:
        raise Refused("channel_not_found")
    shown = conversation_json(call.workspace, channel)
    if call.arguments.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"ok": True, "channel": shown}


def _conversations_members(call: Call) -> Json:
    channel = call.channel(call.arguments.needed("channel"))
    members, cursor = _page(channel.members, call, default=100)
    return {"ok": True, "members": members, "response_metadata": {"next_cursor": cursor}}


def _conversations_history(call: Call) -> Json:
    """The latest first, and no replies: those are in their thread alone."""
    channel = _readable(call)
    wanted = [message for message in _within(call, channel) if message.thread_ts in (None, message.ts)]
    return {**_messages(call, wanted[::-1], default=100), "pin_count": 0}


def _conversations_replies(call: Call) -> Json:
    """The message above first, then its replies, the earliest first."""
    channel = _readable(call)
    above = channel.messages.get(call.arguments.needed("ts"))
    if above is None or above.deleted:
        raise Refused("thread_not_found")
    wanted = [message for message in _within(call, channel) if above.ts in (message.ts, message.thread_ts)]
    return _messages(call, wanted, default=999)


def _readable(call: Call) -> Channel:
    channel = call.channel(call.arguments.needed("channel"))
    if channel.im_with is None and not call.workspace.may_read_channels:
        raise Refused("missing_scope", needed="channels:history", provided=_SCOPES)
    return channel


def _within(call: Call, channel: Channel) -> list[Message]:
    oldest = _instant(call, "oldest", "0")
    latest = _instant(call, "latest", "inf")
    inclusive = call.arguments.flag("inclusive")
    return [
        message
        for ts, message in sorted(channel.messages.items())
        if not message.deleted
        and message.ephemeral_for is None
        and (oldest < float(ts) < latest or (inclusive and float(ts) in (oldest, latest)))
    ]


def _messages(call: Call, wanted: list[Message], default: int) -> Json:
    with_metadata = call.arguments.flag("include_all_metadata")
    shown = [message.to_json(with_metadata=with_metadata) for message in wanted]
    messages, cursor = _page(shown, call, default, most=call.workspace.most_read)
    answer: Json = {"ok": True, "messages": messages, "has_more": bool(cursor)}
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _instant(call: Call, name: str, otherwise: str) -> float:
    try:
        return float(call.arguments.text(name) or otherwise)
    except ValueError:
        raise Refused(f"invalid_ts_{name}") from None


def _page(
    items: list[str] | list[Json], call: Call, default: int, most: int = 999
) -> tuple[list[str] | list[Json], str]:
    limit = call.arguments.number("limit", default)
    if not 1 <= limit <= 999:
        raise Refused("invalid_limit")
    limit = min(limit, most)
    cursor = call.arguments.text("cursor")
    try:
        start = int(base64.b64decode(cursor, validate=True)) if cursor else 0
    except ValueError:
        raise Refused("invalid_cursor") from None
    following = start + limit
    return items[start:following], base64.b64encode(str(following).encode()).decode() if following < len(items) else ""


def _users_info(call: Call) -> Json:
    return {
        "ok": True,
        "user": person_json(call.world, call.workspace, call.person(call.arguments.needed("user"))),
    }


def _lookup_by_email(call: Call) -> Json:
    email = call.arguments.needed("email").lower()
    for person in call.workspace.people.values():
        is_member = person.home_team_id == call.workspace.team_id and not person.deleted and not person.is_bot
        if is_member and person.email.lower() == email:
            return {"ok": True, "user": person_json(call.world, call.workspace, person)}
    raise Refused("users_not_found")


def person_json(world: World, workspace: Workspace, person: Person) -> Json:
    """Return the user object; a guest from another workspace shows no email."""
    is_member = person.home_team_id == workspace.team_id
    shown: Json = {
        "id": person.user_id,
        "team_id": person.home_team_id,
        "name": person.name.lower().replace(" ", "."),
        "deleted": person.deleted,
        "real_name": person.name,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": world.seconds(),
        "profile": {"real_name": person.name, "display_name": person.name, "team": person.home_team_id},
    }
    if not is_member:
        shown["is_stranger"] = True
    elif not person.is_bot:
        shown["profile"]["email"] = person.email
    if not person.deleted:
        offset = world.clock.now().astimezone(ZoneInfo(person.tz)).utcoffset()
        seconds = int(offset.total_seconds()) if offset is not None else 0
        shown |= {"tz": person.tz, "tz_label": person.tz, "tz_offset": seconds}
        shown |= dict.fromkeys(
            ("is_admin", "is_owner", "is_primary_owner", "is_restricted", "is_ultra_restricted"), False
        )
    return shown


def conversation_json(workspace: Workspace, channel: Channel) -> Json:
    """Return the conversation object."""
    shared: Json = {
        "id": channel.channel_id,
        "created": channel.created,
        "is_archived": False,
        "is_im": channel.im_with is not None,
        "is_org_shared": False,
        "context_team_id": workspace.team_id,
    }
    if channel.im_with is not None:
        deleted = workspace.people[channel.im_with].deleted
        return shared | {"user": channel.im_with, "is_user_deleted": deleted, "is_open": True}
    homes = {workspace.people[member].home_team_id for member in channel.members if member in workspace.people}
    return shared | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_mpim": False,
        "is_private": False,
        "is_general": False,
        "is_member": workspace.bot_user_id in channel.members,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "shared_team_ids": sorted(homes | {workspace.team_id}),
    }


METHODS: dict[str, Method] = {
    "auth.test": _auth_test,
    "apps.connections.open": _connections_open,
    "conversations.open": _conversations_open,
    "conversations.info": _conversations_info,
    "conversations.members": _conversations_members,
    "conversations.history": _conversations_history,
    "conversations.replies": _conversations_replies,
    "users.info": _users_info,
    "users.lookupByEmail": _lookup_by_email,
}
