"""The output that pages show, printed by the program itself: commands run in a folder of their own, offline."""

import asyncio
import contextlib
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from typer.testing import CliRunner

from bot.app import assembled, listening
from bot.cli import app
from bot.doctor import examine
from bot.doctor import show as show_findings
from bot.manifest import slack, teams
from bot.settings import PREFIX, Settings
from bot.terminal import EXIT_CODES
from sandbox.stage import ALLIANCE_FILE, staged
from schedules.clock import SystemClock

PUBLIC = "https://liaison.example.com"
NO_ID = "00000000-0000-0000-0000-000000000000"
ANSWERS = (
    *("DC", "", "MC", "", "", "", f"{PUBLIC}/", "", "", "", "", "", ""),
    *("Chicago", "America/Chicago", "", "US", "T02ABCDEF", "Europe/Berlin", "8-17:30", "DE-BW", ""),
    *("Cleo Park", "U02CLEO", "Dana Whitfield", "U02DANA", "Ana Ruiz", ""),
    *("Lars Brandt", "", "Mara Schmidt", "", "Jonas Weber", ""),
)
"""What somebody types at `liaison init` who has a name for everybody and no token yet."""
PICTURES = {
    "charter": "a charter is proposed",
    "checkin": "a check-in opens",
    "pulse": "a pulse opens",
    "results": "a pulse has closed",
    "escalation": "an escalation is raised",
    "checkpoint": "a checkpoint opens",
}
"""Messages of which there is a picture, by the name of its file."""
PICTURES_FOLDER = Path(__file__).parent / "reference" / "pictures"
_QUESTION = re.compile(r"\? (\[[^\]\n]*\] )?$", re.MULTILINE)
_WHEN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_HASH = re.compile(r"[0-9a-f]{64}")


@contextlib.contextmanager
def _folder() -> Iterator[Callable[..., str]]:
    """A folder of its own; what it yields runs a command there and returns what a reader sees of it."""
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        runner = CliRunner(env={PREFIX + field.upper(): None for field in Settings.model_fields})

        def run(*arguments: str, typed: str = "") -> str:
            return runner.invoke(app, list(arguments), input=typed).output

        yield run


@contextlib.contextmanager
def _no_variables() -> Iterator[None]:
    """Without what is set for whoever makes these pages."""
    theirs = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    for name in theirs:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(theirs)


def _fence(*parts: tuple[str, str]) -> str:
    """Commands with what they printed."""
    rows = "\n\n".join(f"$ {command}\n{output.rstrip()}".rstrip() for command, output in parts)
    return f"```console\n{rows}\n```"


# --- commands -------------------------------------------------------------------------------------------


def init_session() -> str:
    """A whole `liaison init`, with what was typed behind each question."""
    with _folder() as run:
        printed = run("init", "--offline", typed="".join(f"{answer}\n" for answer in ANSWERS))
        checked = run("alliance", "check", "alliance.yaml")
    typed = iter(ANSWERS)
    said = _QUESTION.sub(lambda found: f"{found[0]}{next(typed)}", printed)
    whole = "\n".join(row.rstrip() for row in said.splitlines())
    return _fence(("liaison init", whole), ("liaison alliance check alliance.yaml", checked))


def _installed(run: Callable[..., str]) -> None:
    Path(".env").write_text(f"{PREFIX}SECRET_KEY=the secret key of this page\n", encoding="utf-8")
    run("alliance", "import", str(ALLIANCE_FILE), "--yes")
    run("workspace", "add", "teams", NO_ID, "--name", "MC")


def backup() -> str:
    """A copy that is made, and not replaced."""
    with _folder() as run:
        _installed(run)
        first, again = run("backup", "monday.db"), run("backup", "monday.db")
    first = re.sub(r"[\d,]+ bytes", "319,488 bytes", first)  # a page more or less is no news
    return _fence(("liaison backup monday.db", first), ("liaison backup monday.db", again))


def moved() -> str:
    """Everything is copied to another database, and not twice."""
    command = "db copy --from sqlite:///liaison.db"
    with _folder() as run:
        _installed(run)
        with Path(".env").open("a", encoding="utf-8") as file:
            file.write(f"{PREFIX}DATABASE_URL=sqlite:///another.db\n")
        first, again = run(*command.split()), run(*command.split())
    return _fence((f"liaison {command}", first), (f"liaison {command}", again))


def keys() -> str:
    """A key that is replaced."""
    with _folder() as run:
        _installed(run)
        both = f"{PREFIX}SECRET_KEY='a new key for this page,the secret key of this page'\n"
        Path(".env").write_text(both, encoding="utf-8")
        parts = [(f"liaison keys {words}", run("keys", words)) for words in ("list", "rotate", "list")]
    return _fence(*((command, "\n".join(row.rstrip() for row in text.splitlines())) for command, text in parts))


def trail() -> str:
    """The trail of an alliance that was just imported; times and hashes are made the same each time."""
    with _folder() as run:
        _installed(run)
        run("alliance", "show", "dc-mc")
        commands = ("alliance audit dc-mc", "alliance audit dc-mc --verify")
        parts = [(f"liaison {command}", run(*command.split())) for command in commands]
    same = ((command, _HASH.sub("9d9dc61e…", _WHEN.sub("2026-02-02 15:00:00", text))) for command, text in parts)
    return _fence(*((command, "\n".join(_short(row) for row in text.splitlines())) for command, text in same))


def _short(row: str) -> str:
    return row if len(row) <= 120 else f"{row[:119].rpartition(';')[0]}; …"


def doctor() -> str:
    """A healthy installation of the sample alliance, with the platforms' stand-ins where they would be."""
    return _fence(("liaison doctor", asyncio.run(_doctor())))


async def _doctor() -> str:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), _no_variables():
        async with staged(seed=7) as stage:
            given = {"database_url": "sqlite:///liaison.db", "secret_key": "the secret key of this page", "port": 0}
            settings = Settings.model_validate({**given, **stage.settings()})
            async with assembled(settings, SystemClock()) as liaison, listening(liaison) as address:
                findings = await examine(settings.model_copy(update={"public_url": address}))
    told = io.StringIO()
    seen = [replace(finding, seen=_same(finding.seen.replace(address, PUBLIC))) for finding in findings]
    show_findings(seen, Console(file=told, width=118), as_json=False)
    return "\n".join(row.rstrip() for row in told.getvalue().splitlines())


def _same(seen: str) -> str:
    """How long an answer took is no news."""
    return re.sub(r"^\d+ s off", "0 s off", seen)


# --- pictures ---------------------------------------------------------------------------------------------


def pictures() -> str:
    """What `docs.pictures` took, both platforms side by side."""
    rows = "\n".join(
        f"| {title} | {_image(name, 'slack')} | {_image(name, 'teams')} |" for name, title in PICTURES.items()
    )
    return f"| | Slack | Teams |\n| --- | --- | --- |\n{rows}"


def _image(name: str, platform: str) -> str:
    said = f"{PICTURES[name].capitalize()}, as {platform.capitalize()} shows it"
    return f'<img src="pictures/{name}-{platform}.png" alt="{said}" width="360">'


# --- manifests and codes ----------------------------------------------------------------------------------


def slack_manifest() -> str:
    return f"```yaml\n{slack.as_yaml(slack.manifest(PUBLIC))}```"


def slack_scopes() -> str:
    rows = "\n".join(f"| `{scope}` | {why} |" for scope, why in slack.SCOPES.items())
    return f"| scope | what for |\n| --- | --- |\n{rows}"


def teams_manifest() -> str:
    fields = teams.manifest(NO_ID, developer="Your company", public_url=PUBLIC)
    return f"```json\n{json.dumps(fields, indent=2, ensure_ascii=False)}\n```"


def exit_codes() -> str:
    rows = "\n".join(f"| {code} | {said} |" for code, said in EXIT_CODES.items())
    return f"| exit code | what it says |\n| --- | --- |\n{rows}"


PARTS: Mapping[str, Callable[[], str]] = {
    "shown-init": init_session,
    "shown-backup": backup,
    "shown-copy": moved,
    "shown-keys": keys,
    "shown-trail": trail,
    "shown-doctor": doctor,
    "pictures": pictures,
    "slack-manifest": slack_manifest,
    "slack-scopes": slack_scopes,
    "teams-manifest": teams_manifest,
    "exit-codes": exit_codes,
}
