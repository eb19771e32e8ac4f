"""The app manifests: what they ask for is what we use, and both platforms' published schemas take them."""

import ast
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.manifest import slack, teams
from bot.manifest.icons import color_icon, outline_icon
from bot.manifest_cli import app
from bot.settings import Settings
from tests.fakes.schemas import published

ROOT = Path(__file__).parents[3]
APP_ID = "5d8d3b1e-0000-4000-8000-000000000001"
PUBLIC = "https://liaison.example.com"
METHOD = re.compile(r"(apps|auth|chat|conversations|files|oauth|reactions|team|users|views)\.[A-Za-z.]+")


def methods_called() -> set[str]:
    """Every method of Slack's Web API that the code of its room hands to a call, by name or by a constant."""
    found: set[str] = set()
    for file in (ROOT / "bot" / "slack").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            parts = node.args if isinstance(node, ast.Call) else [node.value] if isinstance(node, ast.Assign) else []
            texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            found |= {text for text in texts if METHOD.fullmatch(text)}
    return found


def problems(fields: Any, schema: str) -> list[str]:
    return [error.message for error in jsonschema.Draft7Validator(published(schema)).iter_errors(fields)]


# --- Slack ------------------------------------------------------------------------------------------


def test_every_method_that_is_called_is_known_with_its_scope() -> None:
    called = methods_called()

    assert {"auth.test", "chat.postMessage", "chat.update", "conversations.open", "views.open"} <= called
    assert called <= set(slack.CALLS)


def test_the_scopes_are_those_of_the_calls_and_events_and_no_other() -> None:
    needed = {slack.CALLS[method] for method in methods_called()} | set(slack.EVENTS.values()) | {"commands"}

    assert needed - {None} - slack.APP_LEVEL == set(slack.SCOPES)


def test_the_events_are_those_that_are_listened_for() -> None:
    code = (ROOT / "bot" / "slack" / "inbound.py").read_text(encoding="utf-8")

    assert {event.partition(".")[0] for event in slack.EVENTS} == set(re.findall(r"app\.event\(\"(\w+)\"\)", code))


@pytest.mark.parametrize("socket_mode", [False, True])
def test_slack_takes_the_manifest(socket_mode: bool) -> None:
    assert problems(slack.manifest(PUBLIC, socket_mode=socket_mode), "slack-app-manifest.json") == []


def test_every_address_is_the_one_path_below_the_public_one() -> None:
    text = slack.as_yaml(slack.manifest(f"{PUBLIC}/below/"))

    assert re.findall(r"https://\S+", text) == [f"{PUBLIC}/below/slack/events"] * 3


def test_by_socket_mode_there_is_no_address() -> None:
    text = slack.as_yaml(slack.manifest("", socket_mode=True))

    assert "http" not in text
    assert yaml.safe_load(text)["settings"]["socket_mode_enabled"] is True


def test_the_home_tab_and_direct_messages_are_on() -> None:
    home = slack.manifest(PUBLIC)["features"]["app_home"]

    assert home == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


# --- Teams ------------------------------------------------------------------------------------------


def test_teams_takes_the_manifest() -> None:
    fields = teams.manifest(APP_ID, developer="DC", public_url=PUBLIC)

    assert problems(fields, "teams-app-manifest-1.29.json") == []
    assert fields["bots"][0]["botId"] == fields["id"] == APP_ID
    assert fields["bots"][0]["scopes"] == ["personal", "team"]
    assert fields["validDomains"] == ["liaison.example.com"]
    assert "authorization" not in fields


def test_the_package_holds_what_teams_looks_for_and_is_the_same_each_time() -> None:
    fields = teams.manifest(APP_ID, developer="DC", public_url=PUBLIC)

    first, second = teams.package(fields), teams.package(fields)

    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == ["manifest.json", fields["icons"]["color"], fields["icons"]["outline"]]
        assert json.loads(archive.read("manifest.json")) == fields


def pixels(png: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Every pixel of a PNG of ours, row by row; each chunk's checksum is looked at on the way."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, held, width = 8, b"", 0
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length]) == (zlib.crc32(kind + content),)
        width = struct.unpack(">II", content[:8])[0] if kind == b"IHDR" else width
        held += content if kind == b"IDAT" else b""
        at += 12 + length
    raw = zlib.decompress(held)
    for row in range(width):
        line = raw[row * (4 * width + 1) + 1 : (row + 1) * (4 * width + 1)]
        for column in range(0, 4 * width, 4):
            red, green, blue, alpha = line[column : column + 4]
            yield red, green, blue, alpha


def test_the_colour_icon_is_whole_and_shows_something() -> None:
    drawn = list(pixels(color_icon()))

    assert len(drawn) == 192 * 192
    assert {alpha for *_, alpha in drawn} == {255}
    white = drawn.count((255, 255, 255, 255)) / len(drawn)
    assert 0.15 < white < 0.5


def test_the_outline_is_white_on_nothing() -> None:
    drawn = list(pixels(outline_icon()))

    assert len(drawn) == 32 * 32
    assert {(red, green, blue) for red, green, blue, _ in drawn} == {(255, 255, 255)}
    assert min(alpha for *_, alpha in drawn) == 0
    assert max(alpha for *_, alpha in drawn) == 255


# --- the command --------------------------------------------------------------------------------------


def manifest(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation that knows its address and nothing else: not even a secret key."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LIAISON_{name.upper()}", raising=False)
    (tmp_path / ".env").write_text(f"LIAISON_PUBLIC_URL={PUBLIC}/\nLIAISON_TEAMS_APP_ID={APP_ID}\n")
    return tmp_path


def test_slacks_manifest_is_printed_or_written(folder: Path) -> None:
    printed, written = manifest("slack"), manifest("slack", "--output", "slack.yaml")

    assert printed.exit_code == written.exit_code == 0
    assert yaml.safe_load(printed.output) == slack.manifest(PUBLIC)
    assert (folder / "slack.yaml").read_text() == printed.output


def test_an_app_token_means_socket_mode_unless_it_is_said_otherwise(folder: Path) -> None:
    with (folder / ".env").open("a") as env:
        env.write("LIAISON_SLACK_APP_TOKEN=xapp-1\n")

    assert "http" not in manifest("slack").output
    assert f"{PUBLIC}/slack/events" in manifest("slack", "--no-socket-mode").output


def test_the_package_for_teams_is_written(folder: Path) -> None:
    result = manifest("teams", "--developer", "DC")

    assert result.exit_code == 0
    assert zipfile.is_zipfile(folder / "liaison-teams.zip")
    assert "liaison-teams.zip: the app package." in result.output


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("slack", "--public-url", "http://liaison.example.com"), "write an https:// address of a public host"),
        (("slack", "--public-url", "https://127.0.0.1"), "nothing that a platform can call"),
        (("teams", "--app-id", "mine"), "An application id is needed"),
        (("teams", "--developer", "x" * 33), "1 to 32 letters"),
        (("teams", "--website", "http://dc.example"), "begin with https://"),
    ],
)
def test_what_the_platforms_would_refuse_is_refused_here(arguments: tuple[str, ...], says: str) -> None:
    result = manifest(*arguments)

    assert result.exit_code == 2
    assert says in result.output
    assert "Nothing was written." in result.output


@pytest.mark.usefixtures("folder")
def test_a_folder_that_is_not_there_is_named() -> None:
    result = manifest("slack", "--output", "nowhere/slack.yaml")

    assert result.exit_code == 1
    assert "cannot be written: No such file or directory. Nothing was written." in result.output


def test_without_an_address_it_says_what_to_set(folder: Path) -> None:
    (folder / ".env").unlink()

    assert "Set LIAISON_PUBLIC_URL, or write --public-url" in manifest("slack").output
    assert manifest("slack", "--socket-mode").exit_code == 0
