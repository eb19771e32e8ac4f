"""The views methods: modals opened, pushed, updated, home tabs published.

Source: docs.slack.dev/surfaces/modals.
"""

import json
from typing import Any

from sandbox.slack.blockkit import complaints_about_view, filled_in
from sandbox.slack.calls import Call, Method, Refused
from sandbox.slack.state import TRIGGER_LIFE, Json, Trigger, View, Workspace, World
from sandbox.slack.watching import Change

_MOST_BYTES = 250_000
_MOST_STACKED = 3


def checked_view(view: Any, kind: str) -> Json:
    """Return the view as the app sent it; refused with every complaint at once."""
    if not isinstance(view, dict):
        raise Refused("invalid_arguments", ["must be an object [json-pointer:/view]"])
    if len(json.dumps(view).encode()) > _MOST_BYTES:
        raise Refused("view_too_large")
    complaints = complaints_about_view(view, kind)
    if complaints:
        raise Refused("invalid_arguments", complaints)
    checked: Json = view
    return checked


def new_view(world: World, workspace: Workspace, user_id: str, body: Json, below: View | None = None) -> View:
    """Make a view for a person, on top of `below` if given."""
    view_id = world.new_id("V")
    return View(
        view_id=view_id,
        team_id=workspace.team_id,
        user_id=user_id,
        body={**body, "blocks": filled_in(body["blocks"], world.new_word)},
        hash=_new_hash(world),
        root_view_id=below.root_view_id if below is not None else view_id,
        previous_view_id=below.view_id if below is not None else None,
        bot_id=workspace.bot_id,
    )


def replace_body(world: World, view: View, body: Json) -> None:
    """Let a view show another body, under a new hash."""
    view.body = {**body, "blocks": filled_in(body["blocks"], world.new_word)}
    view.hash = _new_hash(world)


def push(world: World, workspace: Workspace, user_id: str, body: Json) -> View:
    """Put a modal on top of the person's others; refused above three."""
    stack = workspace.modals.setdefault(user_id, [])
    if len(stack) >= _MOST_STACKED:
        raise Refused("push_limit_reached")
    view = new_view(world, workspace, user_id, body, stack[-1] if stack else None)
    stack.append(view)
    return view


def _open(call: Call) -> Json:
    trigger = _trigger(call)
    body = _body(call, "modal")
    _refuse_taken_external_id(call.workspace, body)
    trigger.is_used = True
    view = new_view(call.world, call.workspace, trigger.user_id, body)
    call.workspace.modals[trigger.user_id] = [view]
    return _shown(call, view, Change.POSTED)


def _push(call: Call) -> Json:
    trigger = _trigger(call)
    body = _body(call, "modal")
    _refuse_taken_external_id(call.workspace, body)
    view = push(call.world, call.workspace, trigger.user_id, body)
    trigger.is_used = True
    return _shown(call, view, Change.POSTED)


def _update(call: Call) -> Json:
    view = _open_view(call)
    body = _body(call, view.body["type"])
    _check_hash(call, view)
    replace_body(call.world, view, body)
    return _shown(call, view, Change.UPDATED)


def _publish(call: Call) -> Json:
    person = call.person(call.arguments.needed("user_id"))
    body = _body(call, "home")
    if not call.workspace.home_enabled:
        raise Refused("not_enabled")
    shown = call.workspace.homes.get(person.user_id)
    _refuse_taken_external_id(call.workspace, body, but=shown)
    if shown is not None:
        _check_hash(call, shown)
        replace_body(call.world, shown, body)
        return _shown(call, shown, Change.UPDATED)
    view = new_view(call.world, call.workspace, person.user_id, body)
    call.workspace.homes[person.user_id] = view
    return _shown(call, view, Change.POSTED)


def _shown(call: Call, view: View, change: Change) -> Json:
    call.watchers.view(change, view)
    return {"ok": True, "view": view.to_json()}


def _body(call: Call, kind: str) -> Json:
    call.arguments.given.setdefault("view", None)
    return checked_view(call.arguments.structure("view", "invalid_arguments"), kind)


def _trigger(call: Call) -> Trigger:
    trigger = call.world.triggers.get(call.arguments.needed("trigger_id"))
    if trigger is None or trigger.team_id != call.workspace.team_id:
        raise Refused("invalid_trigger_id")
    if trigger.is_used:
        raise Refused("exchanged_trigger_id")
    if call.world.clock.now() - trigger.given_at > TRIGGER_LIFE:
        raise Refused("expired_trigger_id")
    return trigger


def _open_view(call: Call) -> View:
    view_id, external_id = call.arguments.text("view_id"), call.arguments.text("external_id")
    if view_id is None and external_id is None:
        raise Refused("invalid_arguments", ["missing required field: view_id [json-pointer:]"])
    for view in _all_views(call.workspace):
        if view.view_id == view_id or (external_id is not None and view.body.get("external_id") == external_id):
            return view
    raise Refused("not_found")


def _all_views(workspace: Workspace) -> list[View]:
    return [view for stack in workspace.modals.values() for view in stack] + list(workspace.homes.values())


def _refuse_taken_external_id(workspace: Workspace, body: Json, *, but: View | None = None) -> None:
    external_id = body.get("external_id")
    others = [view for view in _all_views(workspace) if view is not but]
    if external_id and any(view.body.get("external_id") == external_id for view in others):
        raise Refused("duplicate_external_id")


def _check_hash(call: Call, view: View) -> None:
    given = call.arguments.text("hash")
    if given is not None and given != view.hash:
        raise Refused("hash_conflict")


def _new_hash(world: World) -> str:
    return f"{world.seconds()}.{world.new_word(8)}"


METHODS: dict[str, Method] = {
    "views.open": _open,
    "views.push": _push,
    "views.update": _update,
    "views.publish": _publish,
}
