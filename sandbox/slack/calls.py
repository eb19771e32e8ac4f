"""One call of a Web API method: its arguments, its caller, its refusal."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.slack.state import Channel, Json, Person, Workspace, World
from sandbox.slack.watching import Watchers


class Refused(Exception):
    """Slack answers `ok: false` with this error code."""

    def __init__(self, error: str, complaints: Iterable[str] = (), **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.complaints = list(complaints)
        self.more = more

    def answer(self) -> Json:
        """Return the body of the refusal, with the complaints where Slack puts them."""
        body: Json = {"ok": False, "error": self.error, **self.more}
        if self.complaints:
            if self.error == "invalid_blocks":
                body["errors"] = self.complaints
            body["response_metadata"] = {"messages": [f"[ERROR] {one}" for one in self.complaints]}
        return body


class Arguments:
    """The arguments of a call, whether they came in the address, a form or a JSON body."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = dict(given)

    def text(self, name: str) -> str | None:
        """Return the argument as text; None when absent or empty."""
        value = self.given.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str | int | float):
            raise Refused("invalid_arguments", [f"must be a string [json-pointer:/{name}]"])
        return str(value)

    def needed(self, name: str) -> str:
        """Return the argument as text; refused when absent or empty."""
        value = self.text(name)
        if value is None:
            raise Refused("invalid_arguments", [f"missing required field: {name} [json-pointer:]"])
        return value

    def flag(self, name: str) -> bool:
        """Return the argument as yes or no; absent means no."""
        return str(self.given.get(name, "")).lower() in {"true", "1"}

    def number(self, name: str, default: int) -> int:
        """Return the argument as a whole number."""
        value = self.text(name)
        if value is None:
            return default
        if not value.isdecimal():
            raise Refused("invalid_arguments", [f"must be an integer [json-pointer:/{name}]"])
        return int(value)

    def structure(self, name: str, error: str) -> Any:
        """Return the argument as JSON, None when absent; refused with `error` when it is not JSON."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refused(error) from None


@dataclass(frozen=True, slots=True)
class Call:
    """What a method gets to see."""

    world: World
    workspace: Workspace
    arguments: Arguments
    watchers: Watchers
    new_socket_url: Callable[[], str]

    def channel(self, channel_id: str) -> Channel:
        """Return a conversation the bot is in; refused as Slack does otherwise."""
        found = self.workspace.channels.get(channel_id)
        if found is None:
            raise Refused("channel_not_found")
        if self.workspace.bot_user_id not in found.members:
            raise Refused("not_in_channel")
        return found

    def person(self, user_id: str) -> Person:
        """Return a person of this workspace; refused otherwise."""
        found = self.workspace.people.get(user_id)
        if found is None:
            raise Refused("user_not_found")
        return found


Method = Callable[[Call], Json]
