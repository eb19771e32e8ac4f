"""The bridge to botbuilder-core: an adapter of our own on its `BotAdapter` (why: docs/decisions/009)."""

from collections.abc import Awaitable, Callable
from typing import Any

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ChannelAccount, ConversationAccount, ConversationReference, ResourceResponse

from bot.teams.activities import Received
from bot.teams.auth import CHANNEL
from bot.teams.connector import Connector, Place

RECEIVED = "liaison.received"
_INVOKE_ANSWER = "liaison.invoke-answer"


class TeamsAdapter(BotAdapter):
    """Runs turns of activities whose sender was checked, and sends what a turn sends by our connector."""

    def __init__(self, connector: Connector) -> None:
        super().__init__()
        self._connector = connector

    async def process(
        self, received: Received, logic: Callable[[TurnContext], Awaitable[Any]]
    ) -> InvokeResponse | None:
        """Run one turn and return what answers an invoke; None for any other activity."""
        turn = TurnContext(self, _activity_of(received))
        turn.turn_state[RECEIVED] = received
        await self.run_pipeline(turn, logic)
        return turn.turn_state.get(_INVOKE_ANSWER)

    async def send_activities(self, context: TurnContext, activities: list[Activity]) -> list[ResourceResponse]:
        """Post each; the answer to an invoke is none of them (`answer_invoke`)."""
        place = _place(context)
        return [ResourceResponse(id=await self._connector.send(place, one.serialize())) for one in activities]

    async def update_activity(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        await self._connector.update(_place(context), activity.id, activity.serialize())
        return ResourceResponse(id=activity.id)

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:
        await self._connector.delete(_place(context), reference.activity_id)


def _activity_of(received: Received) -> Activity:
    """What the framework itself reads of an activity: what to call, and where to reply. All else is in `Received`.

    It would take ten times as long to read the JSON by itself. No deliveryMode: nobody who speaks to us waits for
    replies inside the response.
    """
    return Activity(
        type=received.kind,
        id=received.id,
        name=received.name,
        text=received.text,
        channel_id=CHANNEL,
        service_url=received.service_url,
        conversation=ConversationAccount(id=received.conversation, tenant_id=received.tenant),
        from_property=ChannelAccount(id=received.sender),
        recipient=ChannelAccount(id=received.bot),
    )


def answer_invoke(turn: TurnContext, answer: InvokeResponse) -> None:
    """Answer an invoke with the response; the framework's own way would copy the answer bit by bit."""
    turn.turn_state[_INVOKE_ANSWER] = answer


def received_in(turn: TurnContext) -> Received:
    """What the turn's activity says."""
    received: Received = turn.turn_state[RECEIVED]
    return received


def _place(context: TurnContext) -> Place:
    return place_of(received_in(context))


def place_of(received: Received) -> Place:
    """The conversation in which something was said."""
    return Place(received.service_url, received.tenant, received.conversation)
