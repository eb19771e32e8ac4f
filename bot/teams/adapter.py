"""The bridge to botbuilder-core: an adapter of our own on its `BotAdapter` (why: docs/decisions/009)."""

from collections.abc import Awaitable, Callable
from typing import Any

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.core.serializer_helper import DEPENDICIES_DICT
from botbuilder.schema import Activity, ActivityTypes, ConversationReference, ResourceResponse
from msrest import Deserializer

from bot.messages.parts import Json
from bot.teams.activities import Malformed, Received
from bot.teams.connector import Connector, Place

RECEIVED = "liaison.received"
_INVOKE_ANSWER = "liaison.invoke-answer"
_ANYTHING = ("value", "channelData")
"""May be any JSON, and stay as they came: the model would only copy them, bit by bit."""


class TeamsAdapter(BotAdapter):
    """Runs turns of activities whose sender was checked, and sends what a turn sends by our connector."""

    def __init__(self, connector: Connector) -> None:
        super().__init__()
        self._connector = connector
        self._model: Callable[[str, Json], Any] = Deserializer(DEPENDICIES_DICT)  # type: ignore[no-untyped-call]

    def activity_of(self, body: Json) -> Activity:
        """Make the framework's model of an activity; raises Malformed."""
        try:
            activity = self._model("Activity", {name: held for name, held in body.items() if name not in _ANYTHING})
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise Malformed("not an activity") from None
        activity.value, activity.channel_data = (body.get(name) for name in _ANYTHING)
        activity.delivery_mode = None  # nobody who speaks to us waits for replies inside the response
        return activity

    async def process(
        self, activity: Activity, received: Received, logic: Callable[[TurnContext], Awaitable[Any]]
    ) -> InvokeResponse | None:
        """Run one turn and return what answers an invoke; None for any other activity."""
        turn = TurnContext(self, activity)
        turn.turn_state[RECEIVED] = received
        await self.run_pipeline(turn, logic)
        return turn.turn_state.get(_INVOKE_ANSWER)

    async def send_activities(self, context: TurnContext, activities: list[Activity]) -> list[ResourceResponse]:
        """Keep the answer to an invoke for the response; post everything else."""
        sent = []
        for activity in activities:
            if activity.type == ActivityTypes.invoke_response:
                context.turn_state[_INVOKE_ANSWER] = activity.value
                sent.append(ResourceResponse())
            else:
                posted = await self._connector.send(_place(context), activity.serialize())
                sent.append(ResourceResponse(id=posted))
        return sent

    async def update_activity(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        await self._connector.update(_place(context), activity.id, activity.serialize())
        return ResourceResponse(id=activity.id)

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:
        await self._connector.delete(_place(context), reference.activity_id)


def received_in(turn: TurnContext) -> Received:
    """What the turn's activity says."""
    received: Received = turn.turn_state[RECEIVED]
    return received


def _place(context: TurnContext) -> Place:
    return place_of(received_in(context))


def place_of(received: Received) -> Place:
    """The conversation in which something was said."""
    return Place(received.service_url, received.tenant, received.conversation)
