"""How the stand-in refuses: the connector's statuses, codes and JSON, and what a person's client will not do.

Codes and words: Microsoft's "Send and receive messages" (status codes from bot conversational APIs).
"""

import json
from typing import Any

from aiohttp import web

CODES = {
    400: "BadArgument",
    401: "BotNotRegistered",
    403: "ForbiddenOperationException",
    404: "ConversationNotFound",
    412: "PreconditionFailed",
    413: "MessageSizeTooBig",
    429: "TooManyRequests",
    500: "ServiceError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


class Refused(Exception):
    """The connector answers with an error; `code` is what the bot reads, `status` what HTTP says."""

    def __init__(
        self,
        status: int,
        code: str | None = None,
        message: str = "",
        *,
        retry_after: int | None = None,
        body: dict[str, Any] | str | None = None,
    ) -> None:
        self.status = status
        self.code = code or CODES.get(status, "ServiceError")
        self.message = message or self.code
        self.retry_after = retry_after
        self.body = body
        super().__init__(f"{status} {self.code}: {self.message}")

    def response(self) -> web.Response:
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if isinstance(self.body, str):
            return web.Response(status=self.status, text=self.body, headers=headers)
        body = self.body or {"error": {"code": self.code, "message": self.message}}
        return web.json_response(body, status=self.status, headers=headers)


def bad_argument(message: str) -> Refused:
    return Refused(400, "BadArgument", message)


def unauthorized() -> Refused:
    words = "Authorization has been denied for this request."
    return Refused(401, "Unauthorized", words, body={"message": words})


def not_installed() -> Refused:
    return Refused(403, "ForbiddenOperationException", "Bot isn't installed in user's personal scope")


def not_in_roster() -> Refused:
    return Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")


def writes_blocked() -> Refused:
    """Build the 403 of a person who blocked the bot: a flat body with a sub-code inside its message."""
    inner = {"subCode": "MessageWritesBlocked", "details": "Thread is blocked from message writes."}
    body = {"errorCode": 209, "message": json.dumps(inner, indent=2)}
    return Refused(403, "MessageWritesBlocked", "Thread is blocked from message writes.", body=body)


def conversation_not_found() -> Refused:
    return Refused(404, "ConversationNotFound", "Conversation not found.")


def activity_not_found() -> Refused:
    return Refused(404, "ActivityNotFoundInConversation", "The activity was not found in the conversation.")


def member_not_found() -> Refused:
    return Refused(404, "MemberNotFoundInConversation", "The member was not found in the conversation.")


def too_big() -> Refused:
    return Refused(413, "MessageSizeTooBig", "Message size too large.")


def throttled(retry_after: int) -> Refused:
    return Refused(429, "TooManyRequests", "API calls quota exceeded.", retry_after=retry_after)


class PersonCannot(Exception):
    """What a person's Teams client does not let them do: the button is not there, an input is missing."""


class BotMisbehaved(Exception):
    """The bot answered an invoke with something a Teams client cannot show."""
