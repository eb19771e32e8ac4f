"""The Bot Connector: how a bot opens conversations, posts, updates and deletes, and asks who is there."""

from aiohttp import web

from sandbox.teams.activities import check_message
from sandbox.teams.core import Core
from sandbox.teams.errors import (
    activity_not_found,
    bad_argument,
    conversation_not_found,
    member_not_found,
    not_in_roster,
    not_installed,
    throttled,
    too_big,
    unauthorized,
    writes_blocked,
)
from sandbox.teams.faults import Operation
from sandbox.teams.limits import Window
from sandbox.teams.state import Conversation, Json, Message, Person

PAGE = 200
"""Members on a page unless the bot asks for another size, which is kept between 50 and 500."""


def check_bearer(core: Core, request: web.Request) -> None:
    """Let only holders of a living access token in."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expires = core.tokens.get(token)
    if scheme.lower() != "bearer" or expires is None or expires <= core.token_now():
        raise unauthorized()


async def read_body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except web.HTTPRequestEntityTooLarge:
        raise too_big() from None
    except ValueError:
        raise bad_argument("$ is not JSON") from None
    if not isinstance(body, dict):
        raise bad_argument("$ is not an object")
    return body


def _pace(core: Core, tenant: str, key: str, windows: tuple[Window, ...]) -> None:
    now = core.clock.now()
    keys = ((key, windows), (f"tenant {tenant}", core.limits.tenant))
    wait = max(core.meter.wait(name, limits, now) for name, limits in keys)
    if wait:
        raise throttled(wait)
    for name, limits in keys:
        core.meter.count(name, limits, now)


# --- opening conversations -------------------------------------------------------------------


async def create(core: Core, request: web.Request) -> web.Response:
    body = await read_body(request)
    channel_data = body.get("channelData") or {}
    if (body.get("bot") or {}).get("id", core.bot_id) not in {core.bot_id, core.app_id}:
        raise bad_argument("$.bot.id is not this bot")
    channel = (channel_data.get("channel") or {}).get("id")
    tenant = _tenant_of(body)
    if channel is not None:
        return _start_thread(core, body, channel, tenant)
    if tenant is None:
        raise bad_argument("$.tenantId is missing: a personal conversation needs the person's tenant")
    who = _person_to_reach(core, body, tenant)
    _pace(core, tenant, f"create {who.id}", core.limits.creations)
    if not who.installed:
        raise not_installed()
    chat = core.directory.personal(who)
    if "activity" not in body:
        return web.json_response({"id": chat.id}, status=201)
    first = _post(core, chat, body["activity"], None)
    return web.json_response({"id": chat.id, "activityId": first}, status=201)


def _tenant_of(body: Json) -> str | None:
    named = body.get("tenantId")
    in_data = ((body.get("channelData") or {}).get("tenant") or {}).get("id")
    if named and in_data and named != in_data:
        raise bad_argument("$.tenantId and $.channelData.tenant.id differ")
    found: str | None = named or in_data
    return found


def _person_to_reach(core: Core, body: Json, tenant: str) -> Person:
    members = body.get("members")
    if body.get("isGroup") or not isinstance(members, list) or len(members) != 1:
        raise bad_argument("$.members must name one person: a bot cannot create group chats")
    wanted = str((members[0] or {}).get("id", ""))
    if tenant not in core.directory.tenants:
        raise bad_argument(f"$.tenantId {tenant!r} is unknown")
    known = list(core.directory.people_named(wanted))
    here = [person for person in known if person.tenant_id == tenant]
    if here:
        return here[0]
    if known:
        raise not_installed()
    raise bad_argument("Failed to decrypt pairwise id" if wanted.startswith("29:") else f"Unknown user {wanted!r}")


def _start_thread(core: Core, body: Json, channel_id: str, tenant: str | None) -> web.Response:
    channel, root = core.directory.locate(channel_id)
    if root is not None or channel.is_personal:
        raise conversation_not_found()
    if tenant is not None and tenant != channel.tenant_id:
        raise not_in_roster()
    if "activity" not in body:
        raise bad_argument("$.activity is missing: a thread begins with a message")
    _pace(core, channel.tenant_id, f"create {channel.id}", core.limits.creations)
    first = _post(core, channel, body["activity"], None)
    return web.json_response({"id": f"{channel.id};messageid={first}", "activityId": first}, status=201)


# --- messages --------------------------------------------------------------------------------


def _writable(core: Core, request: web.Request) -> tuple[Conversation, str | None]:
    chat, root = core.directory.locate(request.match_info["conversation"])
    _pace(core, chat.tenant_id, f"write {chat.id}", core.limits.writes)
    if chat.is_personal:
        if not chat.members[0].installed:
            raise not_in_roster()
        if chat.members[0].blocked:
            raise writes_blocked()
    return chat, root


def _post(core: Core, chat: Conversation, activity: object, reply_to: str | None) -> str:
    if not isinstance(activity, dict):
        raise bad_argument("$.activity is not an object")
    if activity.get("type") == "typing":
        return ""
    warnings = _check(chat, activity)
    now = core.clock.now()
    message_id = core.directory.next_message_id(now)
    message = Message(message_id, chat.id, chat.tenant_id, core.bot_id, activity, now, reply_to, warnings=warnings)
    chat.messages[message_id] = message
    core.announce(message, "posted")
    return message_id


def _check(chat: Conversation, activity: Json) -> tuple[str, ...]:
    if activity.get("type") != "message":
        raise bad_argument(f"$.type {activity.get('type')!r} cannot be sent by a bot")
    people = {known for person in chat.members for known in (person.id, person.aad_object_id)}
    return check_message(activity, people)


async def send(core: Core, request: web.Request) -> web.Response:
    body = await read_body(request)
    chat, root = _writable(core, request)
    return web.json_response({"id": _post(core, chat, body, root)}, status=201)


async def reply(core: Core, request: web.Request) -> web.Response:
    body = await read_body(request)
    chat, root = _writable(core, request)
    answered = chat.message(request.match_info["activity"])
    return web.json_response({"id": _post(core, chat, body, root or answered.id)}, status=201)


def _own_message(core: Core, chat: Conversation, request: web.Request) -> Message:
    message = chat.message(request.match_info["activity"])
    if message.sender != core.bot_id:
        raise activity_not_found()
    return message


async def update(core: Core, request: web.Request) -> web.Response:
    body = await read_body(request)
    chat, _ = _writable(core, request)
    message = _own_message(core, chat, request)
    warnings = _check(chat, body)
    message.history.append(message.activity)
    message.activity, message.warnings, message.changed_at = body, warnings, core.clock.now()
    message.views.clear()
    core.announce(message, "updated")
    return web.json_response({"id": message.id})


async def delete(core: Core, request: web.Request) -> web.Response:
    chat, _ = _writable(core, request)
    message = _own_message(core, chat, request)
    message.deleted, message.changed_at = True, core.clock.now()
    core.announce(message, "deleted")
    return web.Response()


# --- who is there ----------------------------------------------------------------------------


def _roster(core: Core, request: web.Request) -> list[Person]:
    wanted = request.match_info["conversation"]
    team = next((known for known in core.directory.conversations.values() if known.team_id == wanted), None)
    chat = team or core.directory.locate(wanted)[0]
    _pace(core, chat.tenant_id, f"members {chat.id}", core.limits.members)
    if chat.is_personal and not chat.members[0].installed:
        raise not_in_roster()
    return chat.members


async def members(core: Core, request: web.Request) -> web.Response:
    return web.json_response([person.as_member() for person in _roster(core, request)])


async def member(core: Core, request: web.Request) -> web.Response:
    wanted = request.match_info["member"]
    for person in _roster(core, request):
        if wanted in (person.id, person.aad_object_id):
            return web.json_response(person.as_member())
    raise member_not_found()


async def paged_members(core: Core, request: web.Request) -> web.Response:
    roster = _roster(core, request)
    try:
        size = min(max(int(request.query.get("pageSize", PAGE)), 50), 500)
        start = int(request.query.get("continuationToken") or 0)
    except ValueError:
        raise bad_argument("pageSize or continuationToken is not valid") from None
    answer: Json = {"members": [person.as_member() for person in roster[start : start + size]]}
    if start + size < len(roster):
        answer["continuationToken"] = str(start + size)
    return web.json_response(answer)


_CONVERSATION = "/teams/v3/conversations/{conversation}"
ROUTES = (
    ("POST", "/teams/v3/conversations", Operation.CREATE, create),
    ("POST", f"{_CONVERSATION}/activities", Operation.SEND, send),
    ("POST", f"{_CONVERSATION}/activities/{{activity}}", Operation.REPLY, reply),
    ("PUT", f"{_CONVERSATION}/activities/{{activity}}", Operation.UPDATE, update),
    ("DELETE", f"{_CONVERSATION}/activities/{{activity}}", Operation.DELETE, delete),
    ("GET", f"{_CONVERSATION}/members", Operation.MEMBERS, members),
    ("GET", f"{_CONVERSATION}/members/{{member}}", Operation.MEMBER, member),
    ("GET", f"{_CONVERSATION}/pagedmembers", Operation.PAGED_MEMBERS, paged_members),
)
