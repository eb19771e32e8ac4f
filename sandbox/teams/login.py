"""Microsoft's side of trust: the Entra token endpoint, and the metadata and keys of the Bot Framework."""

import base64
import binascii
import datetime as dt
import uuid
from urllib.parse import unquote

from aiohttp import web

from sandbox.teams.core import Core
from sandbox.teams.faults import Operation
from sandbox.teams.keys import ISSUER
from sandbox.teams.state import Json

SCOPE = "https://api.botframework.com/.default"
LIFETIME = 3599
"""Seconds an access token lives."""


class LoginRefused(Exception):
    """Entra answers with an OAuth error and its AADSTS number."""

    def __init__(self, status: int, error: str, number: int, words: str) -> None:
        self.status, self.error, self.number, self.words = status, error, number, words
        super().__init__(words)

    def body(self, now: dt.datetime) -> Json:
        trace = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.number} {now}"))
        stamp = f"{now:%Y-%m-%d %H:%M:%SZ}"
        words = f"AADSTS{self.number}: {self.words} Trace ID: {trace} Correlation ID: {trace} Timestamp: {stamp}"
        return {
            "error": self.error,
            "error_description": words,
            "error_codes": [self.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": trace,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }


async def give_token(core: Core, request: web.Request) -> web.Response:
    """Answer a client_credentials request of the bot in its home tenant."""
    if core.token_outage:
        raise web.HTTPServiceUnavailable(text="Service Unavailable")
    form = await request.post()
    fields = {name: str(value) for name, value in form.items()}
    try:
        _check_login(core, request, fields)
    except LoginRefused as refused:
        return web.json_response(refused.body(core.token_now()), status=refused.status)
    now = core.token_now()
    expires = now + dt.timedelta(seconds=LIFETIME)
    claims = {
        "iss": f"https://sts.windows.net/{core.home_tenant_id}/",
        "aud": ISSUER,
        "appid": core.app_id,
        "tid": core.home_tenant_id,
        "nbf": now,
        "exp": expires,
        "uti": f"{len(core.requests)}",
    }
    token = core.keys.sign(claims, {})
    core.tokens[token] = expires
    return web.json_response(
        {"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME, "access_token": token}
    )


def _check_login(core: Core, request: web.Request, fields: dict[str, str]) -> None:
    tenant = request.match_info["tenant"]
    client_id, secret = _credentials(request, fields)
    if tenant not in core.directory.tenants and tenant != core.home_tenant_id:
        raise LoginRefused(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
    if fields.get("grant_type") != "client_credentials":
        raise LoginRefused(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
    if tenant != core.home_tenant_id or client_id != core.app_id:
        words = f"Application with identifier '{client_id}' was not found in the directory '{tenant}'."
        raise LoginRefused(400, "unauthorized_client", 700016, words)
    if secret != core.app_password:
        raise LoginRefused(401, "invalid_client", 7000215, "Invalid client secret provided.")
    if fields.get("scope") != SCOPE:
        words = f"The provided value for scope {fields.get('scope')} is not valid."
        raise LoginRefused(400, "invalid_scope", 70011, words)


def _credentials(request: web.Request, fields: dict[str, str]) -> tuple[str, str]:
    """Return id and secret from the form, or from HTTP Basic, which Entra accepts as well."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return fields.get("client_id", ""), fields.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise LoginRefused(401, "invalid_client", 7000218, "The header cannot be read.") from None
    return unquote(client_id), unquote(secret)


async def give_openid(core: Core, _request: web.Request) -> web.Response:
    return web.json_response(
        {
            "issuer": ISSUER,
            "authorization_endpoint": "https://invalid.botframework.com",
            "jwks_uri": f"{core.base_url}/v1/.well-known/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }
    )


async def give_keys(core: Core, _request: web.Request) -> web.Response:
    return web.json_response(core.keys.published())


ROUTES = (
    ("POST", "/{tenant}/oauth2/v2.0/token", Operation.TOKEN, give_token),
    ("GET", "/v1/.well-known/openidconfiguration", Operation.OPENID, give_openid),
    ("GET", "/v1/.well-known/keys", Operation.KEYS, give_keys),
)
