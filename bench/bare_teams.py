"""The baseline of Teams: an echo bot on the stock CloudAdapter, which stores nothing.

Its invoke replies are HTTP 500 as it is shipped; `_create_invoke_response` is the one line that mends them.
`python -m bench.bare_teams FAR_URL` prints the port it listens on.
"""

import asyncio
import sys
from dataclasses import dataclass

from aiohttp import web
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.schema import AdaptiveCardInvokeResponse, AdaptiveCardInvokeValue

from bench.listening import listen
from bot.addresses import TEAMS_PATH
from sandbox.stage import APP_ID, APP_PASSWORD


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the adapter reads, under the names by which it asks."""

    TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL: str
    TO_CHANNEL_FROM_BOT_LOGIN_URL: str
    APP_ID: str = APP_ID
    APP_PASSWORD: str = APP_PASSWORD
    APP_TYPE: str = "MultiTenant"
    TO_BOT_FROM_CHANNEL_TOKEN_ISSUER: str = "https://api.botframework.com"
    TO_CHANNEL_FROM_BOT_OAUTH_SCOPE: str = "https://api.botframework.com"


class Echo(TeamsActivityHandler):  # type: ignore[misc]  # published without type information
    """Says back what was pressed."""

    @staticmethod
    def _create_invoke_response(body: object = None) -> InvokeResponse:
        return InvokeResponse(status=200, body=body)

    async def on_adaptive_card_invoke(
        self, turn_context: TurnContext, _invoke_value: AdaptiveCardInvokeValue
    ) -> AdaptiveCardInvokeResponse:
        said = f"Echo: {turn_context.activity.value['action']['verb']}"
        card = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": said}]}
        return AdaptiveCardInvokeResponse(status_code=200, type="application/vnd.microsoft.card.adaptive", value=card)


def make_app(far_url: str) -> web.Application:
    adapter = CloudAdapter(
        ConfigurationBotFrameworkAuthentication(Configuration(f"{far_url}/openid", f"{far_url}/login/botframework.com"))
    )
    bot = Echo()

    async def take(request: web.Request) -> web.Response:
        answer: web.Response = await adapter.process(request, bot)
        return answer

    app = web.Application()
    app.router.add_post(TEAMS_PATH, take)
    return app


if __name__ == "__main__":
    asyncio.run(listen(make_app(sys.argv[1])))
