"""The documentation is true: generated parts, commands, settings, links, manifests and shown output."""

import json
import re
import tomllib
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from rich.console import Console

from alliance.roster import Member, Roster
from bot.addresses import SLACK_PATH, TEAMS_PATH
from bot.commands import parse
from bot.demo import play
from bot.messages import plain, sample
from bot.messages.catalog import TEMPLATES, word
from bot.settings import PREFIX, Settings
from docs.generate import PARTS, ROOT, commands, options, page_as_it_should_be, pages, settings_said
from docs.shown import PICTURES_FOLDER
from handlers.intents import ShowHelp
from tests.fakes.schemas import published

PAGES = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in pages()]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
ALSO_VARIABLES = {"LIAISON_CHROMIUM", "LIAISON_NEW_TOKEN", "LIAISON_PICTURES", "LIAISON_SCHEMAS"}
"""Variables that are no settings: of one command, and of the tests."""


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose_of(text: str) -> str:
    return CODE.sub("", FENCE.sub("", text))


def anchors_of(path: Path) -> set[str]:
    """The anchors of a page's headings, as they are made from their words."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def shell_of(text: str) -> Iterator[str]:
    """Every command that a page tells to type: rows of fences without a language, and code within a line."""
    for language, block in FENCE.findall(text):
        if language in ("", "sh", "bash"):
            yield from block.splitlines()
    yield from CODE.findall(FENCE.sub("", text))


def words_typed(text: str, program: str) -> Iterator[list[str]]:
    for row in shell_of(text):
        if found := re.search(rf"(?:^|[\s/=]){program} (.*)", row.partition("  #")[0]):
            yield found[1].split()


# --- generated parts --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_what_is_generated_is_what_the_code_says_now(path: Path) -> None:
    assert text_of(path) == page_as_it_should_be(path), "run: make docs"


def test_every_part_that_can_be_made_stands_somewhere() -> None:
    placed = {name for path in pages() for name in re.findall(r"<!-- made: ([a-z-]+) -->", text_of(path))}

    assert placed == set(PARTS)


# --- what people are told to type -------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_every_command_exists_with_its_options(path: Path) -> None:
    known = dict(commands())
    groups = {name.rpartition(" ")[0] for name in known if name.count(" ") > 1}

    for typed in words_typed(text_of(path), "liaison"):
        if typed[0].startswith(("-", "…")):
            continue
        words = " ".join(["liaison", *typed[: 2 if f"liaison {typed[0]}" in groups else 1]])
        assert words in known, f"{path.name}: {words}"
        taken = [word.partition("=")[0] for word in typed if word.startswith("--")]
        assert set(taken) <= {*options(known[words]), "--help"}, f"{path.name}: {' '.join(typed)}"


@pytest.mark.parametrize("path", PAGES)
def test_every_make_target_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", text_of(ROOT / "Makefile"), re.MULTILINE))

    assert {typed[0] for typed in words_typed(text_of(path), "make")} <= targets


@pytest.mark.parametrize("path", PAGES)
def test_every_variable_is_a_setting(path: Path) -> None:
    settings = {PREFIX + name.upper() for name in Settings.model_fields}

    assert set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", text_of(path))) <= settings | ALSO_VARIABLES


def test_the_example_of_an_env_file_describes_exactly_the_settings() -> None:
    said = settings_said()

    assert list(said) == [PREFIX + name.upper() for name in Settings.model_fields]
    assert all(said.values())


@pytest.mark.parametrize("path", PAGES)
def test_what_is_said_to_the_liaison_is_understood(path: Path) -> None:
    cleo = sample.ROSTER.by_key("cleo")
    here: list[tuple[Member, Roster]] = [(cleo, sample.ROSTER)]

    for row in CODE.findall(text_of(path)):
        if row.startswith("/alliance ") and "…" not in row:
            intent = parse(row.removeprefix("/alliance "), here, sample.NOW)
            assert not isinstance(intent, ShowHelp) or intent.unknown is None, row


# --- links and language -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in LINK.findall(FENCE.sub("", text_of(path))):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        assert there.exists(), target
        assert not anchor or anchor in anchors_of(there), target


def test_every_page_is_reached_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    reached = {(index.parent / target).resolve() for target in LINK.findall(text_of(index))}

    assert {path for path in (ROOT / "docs").rglob("*.md") if path != index} <= reached


@pytest.mark.parametrize("path", PAGES)
def test_nobody_shouts(path: Path) -> None:
    assert "!" not in prose_of(text_of(path)).replace("<!--", "")


def test_no_message_shouts() -> None:
    reader = sample.reader("cleo")

    for template in TEMPLATES.values():
        for example in template.examples:
            assert "!" not in plain.render(word(example, reader))


def test_the_layers_in_the_documentation_are_those_that_are_enforced() -> None:
    contracts = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    drawn = "  →  ".join(layers)

    for page in ("README.md", "docs/explanation/architecture.md"):
        assert drawn in text_of(ROOT / page)


# --- manifests --------------------------------------------------------------------------------------


def fenced(page: str, language: str) -> str:
    (found,) = [block for kind, block in FENCE.findall(text_of(ROOT / page)) if kind == language]
    return str(found)


def slack_manifest() -> Any:
    return yaml.safe_load(fenced("docs/howto/install-on-slack.md", "yaml"))


def teams_manifest() -> Any:
    return json.loads(fenced("docs/howto/install-on-teams.md", "json"))


def test_slacks_manifest_sends_everything_to_the_one_path() -> None:
    text = json.dumps(slack_manifest())

    assert set(re.findall(r"https://liaison\.example\.com(/[^\"]*)", text)) == {SLACK_PATH}
    assert f"https://liaison.example.com{TEAMS_PATH}" in text_of(ROOT / "docs/howto/install-on-teams.md")


def test_slacks_manifest_asks_for_the_events_that_are_listened_for() -> None:
    listened = re.findall(r"app\.event\(\"(\w+)\"\)", text_of(ROOT / "bot/slack/inbound.py"))
    asked = slack_manifest()["settings"]["event_subscriptions"]["bot_events"]

    assert {event.partition(".")[0] for event in asked} == set(listened)


def test_the_scopes_are_explained_one_by_one() -> None:
    page = text_of(ROOT / "docs/howto/install-on-slack.md")

    explained = set(re.findall(r"^\| `([a-z_:]+)` \|", page, re.MULTILINE))

    assert explained == set(slack_manifest()["oauth_config"]["scopes"]["bot"])


def test_slacks_manifest_keeps_to_the_published_schema() -> None:
    schema = jsonschema.Draft7Validator(published("slack-app-manifest.json"))

    assert [error.message for error in schema.iter_errors(slack_manifest())] == []


def test_teams_manifest_keeps_to_the_published_schema() -> None:
    schema = jsonschema.Draft7Validator(published("teams-app-manifest-1.29.json"))

    assert [error.message for error in schema.iter_errors(teams_manifest())] == []


# --- output -----------------------------------------------------------------------------------------


def told(text: str) -> set[str]:
    """Lines of the demo's story. Who of several is named first is left to chance, so that name is left out."""
    lines = re.findall(r"^\w{3} \d\d \w{3} \d\d:\d\d  .*$", text, re.MULTILINE)
    return {re.sub(r"^(.{24}).*? and \d+ more(: | pressed )", r"\1some\2", line).rstrip() for line in lines}


@pytest.mark.slow
async def test_the_output_that_is_shown_is_what_the_demo_prints(tmp_path: Path) -> None:
    story = StringIO()
    await play(tmp_path / "liaison.db", weeks=8, seed=7, console=Console(file=story, width=500))

    printed = told(story.getvalue())
    for page in ("README.md", "docs/tutorial/first-eight-weeks.md"):
        assert told(text_of(ROOT / page)) - printed == set(), f"{page}: take its excerpt anew from: make demo-headless"


def test_every_picture_is_there_and_shown_with_words_for_those_who_do_not_see_it() -> None:
    page = text_of(ROOT / "docs" / "reference" / "messages.md")
    shown = re.findall(r'<img src="pictures/([\w-]+\.png)" alt="([^"]{10,})"', page)

    assert sorted(name for name, _ in shown) == sorted(file.name for file in PICTURES_FOLDER.iterdir())
    assert page.count("<img") == len(shown)


# --- the page ---------------------------------------------------------------------------------------

ON_ONE_PAGE = "docs/tutorial/both-companies-on-one-page.md"


def sources_of_the_page() -> str:
    files = (ROOT / "sandbox" / "web" / "page" / "src").rglob("*.ts*")
    return "\n".join(text_of(file) for file in sorted(files))


def test_the_tutorial_walks_the_steps_of_the_tour_in_their_order() -> None:
    steps = re.findall(r"^    title: \"(.+)\",$", text_of(ROOT / "sandbox/web/page/src/tour/steps.ts"), re.MULTILINE)

    assert re.findall(r"^## \d\. (.+)$", text_of(ROOT / ON_ONE_PAGE), re.MULTILINE) == steps
    assert len(steps) == 7


def test_what_the_tutorial_names_in_bold_stands_on_the_page() -> None:
    named = {" ".join(name.split()) for name in re.findall(r"\*\*([^*]+)\*\*", text_of(ROOT / ON_ONE_PAGE))}

    shown = sources_of_the_page()

    assert named
    assert {name for name in named if name not in shown} == set()
