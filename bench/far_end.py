"""Slack's and Microsoft's side of the wire, as cheap as can be: it believes everything and answers at once.

`python -m bench.far_end` reads the public signing key from its input and prints the port it listens on.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.listening import tell_port
from bench.presses import KEY_ID

Heard = Callable[[str, bytes], None]
"""Told of each call's method with its path, and its body, before it is answered."""

_SLACK = {"ok": True, "url": "", "team": "T", "team_id": "T", "user_id": "U0LIAISON", "bot_id": "B0LIAISON"}
_CALL = {**_SLACK, "ts": "1700000000.000200", "channel": "D0", "message": {}, "view": {"id": "V0", "hash": "h"}}
_TOKEN = {"token_type": "Bearer", "expires_in": 3600, "ext_expires_in": 3600, "access_token": "a token"}


def start_far_end(public_key: dict[str, str], heard: Heard | None = None) -> "FarEnd":
    return FarEnd(public_key, heard or (lambda _call, _body: None))


@dataclass
class FarEnd:
    """The answers to every address; `listen` serves them."""

    public_key: dict[str, str]
    heard: Heard
    url: str = ""
    server: asyncio.Server | None = field(default=None)

    async def listen(self) -> int:
        """Serve on a free port of this machine and return it."""
        self.server = await asyncio.get_running_loop().create_server(lambda: _Wire(self), "127.0.0.1", 0)
        port = int(self.server.sockets[0].getsockname()[1])
        self.url = f"http://127.0.0.1:{port}"
        return port

    def close(self) -> None:
        if self.server is not None:
            self.server.close()

    def answer(self, path: str) -> bytes:
        """What is said at a path; the status is always 200."""
        if path.startswith("/actions/"):
            return b"ok"
        if path.startswith("/api/"):
            return _json(_CALL)
        if path.startswith("/login/"):
            return _json(self._login(path))
        if path.startswith("/openid"):
            return _json({"issuer": "https://api.botframework.com", "jwks_uri": f"{self.url}/keys"})
        if path.startswith("/keys"):
            key = {**self.public_key, "kid": KEY_ID, "use": "sig", "endorsements": ["msteams"]}
            return _json({"keys": [key]})
        return _json({"id": "m1"})

    def _login(self, path: str) -> dict[str, object]:
        if path.endswith("/openid-configuration"):
            here = f"{self.url}{path.partition('/v2.0')[0]}"
            return {
                "issuer": here,
                "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/oauth2/v2.0/token",
            }
        return dict(_TOKEN)


class _Wire(asyncio.Protocol):
    """One connection, read only as far as needed."""

    def __init__(self, far: FarEnd) -> None:
        self._far = far
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head) or self._transport is None:
            return
        self._received = b""
        verb, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        self._far.heard(f"{verb} {path}", body)
        said = self._far.answer(path)
        kind = "text/plain" if path.startswith("/actions/") else "application/json"
        self._transport.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(said)}\r\n\r\n".encode() + said
        )


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


def _json(said: object) -> bytes:
    return json.dumps(said).encode()


async def _serve() -> None:
    far = start_far_end(json.loads(sys.stdin.readline()))
    tell_port(await far.listen())
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
