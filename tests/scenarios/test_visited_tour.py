"""The seven steps of the sandbox's tour, walked through the page's HTTP interface as a visitor of either company."""

from pathlib import Path

import pytest

from sandbox.web.tour import STEPS
from tests.fakes.visitor import Json, Visitor, parts, visiting

ROOT = Path(__file__).parents[2]
CHECKIN = {"course": "at risk", "moved": "Two customers said yes.", "next": "The training.", "in_the_way": "A date."}
MATTER = {
    "title": "Who may move the launch date",
    "facts": "It moved twice.",
    "need": "One name a side.",
    "urgency": "urgent",
}
LOOK_BACK = {"went_well": "We talk.", "differently": "Earlier.", "learned": "One contact.", "changed": "Nothing."}
PLAYED = {
    "dc": {"executive": "dc-dana", "member": "dc-ana", "manager": "dc-cleo", "across": "mc-jonas"},
    "mc": {"executive": "mc-mara", "member": "mc-jonas", "manager": "mc-lars", "across": "dc-ana"},
}


@pytest.mark.slow
@pytest.mark.parametrize("side", ["dc", "mc"])
async def test_the_tour_is_walked_from_either_side_while_teammates_answer(tmp_path: Path, side: str) -> None:
    who = PLAYED[side]
    async with visiting(tmp_path) as visitor:
        assert await visitor.tour() == set()

        await visitor.act(who["executive"], "open", place="dm")
        await visitor.press(who["executive"], "charter.sign")
        assert await visitor.tour() == set()
        await visitor.step("hour")
        assert await visitor.tour() == {"sign"}

        await until_seen(visitor, who["member"], "checkin.answer")
        await visitor.press(who["member"], "checkin.answer", **CHECKIN)
        assert await visitor.tour() == {"sign", "checkin"}

        message = await until_seen(visitor, who["member"], "pulse.answer")
        await visitor.press(who["member"], "pulse.answer", **dict.fromkeys(scales(message), "4"))
        assert await visitor.tour() == {"sign", "checkin", "pulse"}

        await results(visitor, who["manager"])
        assert await visitor.tour() == {"sign", "checkin", "pulse", "gap"}

        await escalate(visitor, who["member"])
        assert "escalation" not in await visitor.tour()
        assert any("escalation 1: Who may move" in text for text in await visitor.texts(who["across"]))
        assert await visitor.tour() == {"sign", "checkin", "pulse", "gap", "escalation"}

        await until(visitor, "missed")

        await visitor.act(who["manager"], "say", place="dm", text="checkpoint now")
        await until(visitor, "checkpoint")
        assert await visitor.tour() == set(STEPS)
        trail = (await visitor.get("/api/audit"))[1]
        assert trail["verified"] is True
        refused = [one for one in await visitor.requests() if one["status"] >= 400]
        assert refused == []


async def until_seen(visitor: Visitor, person: str, action: str) -> Json:
    """Step by step until that person is asked for it; they are played from now on."""
    await visitor.act(person, "open", place="dm")
    for _ in range(30):
        try:
            return (await visitor.sees(person, action))[0]
        except AssertionError:
            await visitor.step("next")
    raise AssertionError(f"{person} was never asked to {action}")


async def until(visitor: Visitor, step: str) -> None:
    for _ in range(10):
        if step in await visitor.tour():
            return
        await visitor.step("day")
    raise AssertionError(f"{step} never happened")


async def results(visitor: Visitor, manager: str) -> None:
    """The next pulse that closes shows a gap between the two sides."""
    for _ in range(7):
        found = [text for text in await visitor.texts(manager) if text.startswith("Results of pulse 1:")]
        if found:
            assert "found" in found[0]
            assert "no gap" not in found[0]
            return
        await visitor.step("day")
    raise AssertionError("no results came")


async def escalate(visitor: Visitor, member: str) -> None:
    """On Slack in a dialog, on Teams in the message that answers the word."""
    if member.startswith("dc"):
        opened = await visitor.act(member, "say", place="dm", text="/alliance raise")
        done = await visitor.act(member, "submit", dialog=opened["dialog"]["id"], inputs=MATTER)
    else:
        await visitor.act(member, "say", place="dm", text="raise")
        done = await visitor.press(member, "escalation.raise", **MATTER)
    assert done["ok"] is True


def scales(message: Json) -> list[str]:
    """The names of what a pulse asks, on either platform."""
    kinds = ("Input.ChoiceSet", "input")
    found = [part for part in parts(message["slack"] or message["teams"]) if part.get("type") in kinds]
    return [name for part in found if (name := str(part.get("id") or part.get("block_id"))) != "comment"]
