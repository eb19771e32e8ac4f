"""Every notice's examples as Slack, Teams and plain text show them, against stored files.

`make golden` writes the files anew; the difference is then read like any other change.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from alliance import escalation_notices as en
from alliance import notices
from alliance.audience import ToMember, audience
from alliance.escalation_notices import EscalationNotice
from alliance.notices import Notice
from alliance.roster import Platform
from bot.messages import plain, sample
from bot.messages.catalog import TEMPLATES, word
from bot.messages.reader import Reader
from bot.slack.render import render as render_slack
from bot.teams.render import render as render_teams
from sandbox.slack.blockkit import complaints_about_blocks
from sandbox.teams import card_problems, without_charts
from tests.fakes.schemas import adaptive_card_problems

HERE = Path(__file__).parent
WRITE = os.environ.get("GOLDEN") == "write"


def examples() -> list[Any]:
    return [
        pytest.param(example, f"{kind.__name__}-{number}", id=f"{kind.__name__}-{number}")
        for kind, template in TEMPLATES.items()
        for number, example in enumerate(template.examples, start=1)
    ]


def reader_of(notice: Notice, platform: Platform) -> Reader:
    """Somebody on that platform who hears the notice, or else the sample's alliance manager there."""
    heard = {to.member_id for to in audience(notice, sample.ROSTER) if isinstance(to, ToMember)}
    on_platform = [member for member in sample.ROSTER.members if member.platform is platform and member.side]
    member = next((member for member in on_platform if member.id in heard), on_platform[2])
    return Reader(sample.ROSTER, member, member.side)


def compare(path: Path, text: str) -> None:
    if WRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{path.name} is not stored yet: make golden"
    assert text == path.read_text(encoding="utf-8")


def as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(("notice", "name"), examples())
def test_slack_shows_it_as_stored(notice: Notice, name: str) -> None:
    parts = render_slack(word(notice, reader_of(notice, Platform.SLACK)))

    for part in parts:
        for block in part.blocks:
            if (parsed := Block.parse(block)) is not None:
                parsed.validate_json()
        assert complaints_about_blocks(list(part.blocks)) == []
    compare(HERE / "slack" / f"{name}.json", as_json([{"text": p.text, "blocks": p.blocks} for p in parts]))


@pytest.mark.parametrize(("notice", "name"), examples())
def test_teams_shows_it_as_stored(notice: Notice, name: str) -> None:
    parts = render_teams(word(notice, reader_of(notice, Platform.TEAMS)))

    for part in parts:
        assert card_problems(part.card) == ()
    compare(HERE / "teams" / f"{name}.json", as_json([{"summary": p.summary, "card": p.card} for p in parts]))


@pytest.mark.parametrize(("notice", "name"), examples())
def test_teams_cards_keep_to_the_published_schema(notice: Notice, name: str) -> None:
    for part in render_teams(word(notice, reader_of(notice, Platform.TEAMS))):
        assert adaptive_card_problems(without_charts(part.card)) == [], name


@pytest.mark.parametrize(("notice", "name"), examples())
def test_plain_text_says_it_as_stored(notice: Notice, name: str) -> None:
    message = word(notice, reader_of(notice, Platform.SLACK))

    compare(HERE / "plain" / f"{name}.txt", plain.render(message))


def test_every_notice_has_a_template_with_an_example() -> None:
    kinds = {
        kind
        for kind in (*vars(notices).values(), *vars(en).values())
        if isinstance(kind, type) and issubclass(kind, Notice) and kind not in (Notice, EscalationNotice)
    }

    assert set(TEMPLATES) == kinds
    assert [kind for kind, template in TEMPLATES.items() if not template.examples] == []


def test_no_stored_file_is_left_of_an_example_that_is_gone() -> None:
    known = {param.values[1] for param in examples()}

    stored = {path.stem for folder in ("slack", "teams", "plain") for path in (HERE / folder).glob("*")}

    assert stored == known
