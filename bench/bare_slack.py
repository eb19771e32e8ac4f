"""The baseline of Slack: slack-bolt as its own documentation shows it, acknowledging and doing nothing else.

`python -m bench.bare_slack SLACK_URL` prints the port it listens on.
"""

import asyncio
import re
import sys

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bench.listening import listen
from bot.addresses import SLACK_PATH
from sandbox.stage import BOT_TOKEN, SIGNING_SECRET


def make_app(slack_url: str) -> web.Application:
    app = AsyncApp(client=AsyncWebClient(BOT_TOKEN, base_url=f"{slack_url}/api/"), signing_secret=SIGNING_SECRET)

    @app.action(re.compile(".*"))
    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    return app.web_app(path=SLACK_PATH)


if __name__ == "__main__":
    asyncio.run(listen(make_app(sys.argv[1])))
