"""The bridge to botbuilder-core: an adapter of our own on its `BotAdapter` (why: docs/decisions/009)."""

from collections.abc import Awaitable, Callable
from typing import Any

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.core.serializer_helper import DEPENDICIES_DICT
from botbuilder.schema import Activity, ConversationReference, ResourceResponse
from msrest import Deserializer

from bot.messages.parts import Json
from bot.teams.activities import Malformed, Received
from bot.teams.connector import Connector, Place

RECEIVED = "liaison.received"
_INVOKE_ANSWER = "liaison.invoke-answer"
_MODELLED = frozenset(
    {"type", "id", "name", "text", "channelId", "locale", "serviceUrl", "from", "recipient", "conversation"}
)
"""What the framework itself reads of an activity: what to call, and where to reply. All else is in `Received`. No
deliveryMode: nobody who speaks to us waits for replies inside the response."""


class TeamsAdapter(BotAdapter):
    """Runs turns of activities whose sender was checked, and sends what a turn sends by our connector."""

    def __init__(self, connector: Connector) -> None:
        super().__init__()
        self._connector = connector
        self._model: Callable[[str, Json], Any] = Deserializer(DEPENDICIES_DICT)  # type: ignore[no-untyped-call]

    def activity_of(self, body: Json) -> Activity:
        """Make the framework's model of an activity; raises Malformed."""
        try:
            activity: Activity = self._model("Activity", {name: body[name] for name in _MODELLED & body.keys()})
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise Malformed("not an activity") from None
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
        """Post each; the answer to an invoke is none of them (`answer_invoke`)."""
        place = _place(context)
        return [ResourceResponse(id=await self._connector.send(place, one.serialize())) for one in activities]

    async def update_activity(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        await self._connector.update(_place(context), activity.id, activity.serialize())
        return ResourceResponse(id=activity.id)

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:
        await self._connector.delete(_place(context), reference.activity_id)


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
