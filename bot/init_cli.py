"""`liaison init`: from questions to a `.env` and an `alliance.yaml`."""

from pathlib import Path
from typing import Annotated, Any

import typer
from dotenv import dotenv_values

from bot.charter_file.checking import check
from bot.files import CannotWrite, write_whole
from bot.setting_up import alliance_file, env_file
from bot.setting_up.answers import Answers
from bot.setting_up.interview import AnswersEnded, Interview
from bot.setting_up.questions import questions
from bot.settings import PREFIX, BadSettings, written
from bot.terminal import PROBLEM, STOPPED, WRONG_USE, complain
from schedules.clock import SystemClock

ENV = Path(".env")
ALLIANCE = Path("alliance.yaml")
VARIABLES = tuple(
    PREFIX + name
    for name in (
        *("DATABASE_URL", "SECRET_KEY", "PUBLIC_URL", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"),
        *("TEAMS_APP_ID", "TEAMS_TENANT_ID", "TEAMS_APP_PASSWORD"),
    )
)
"""What is asked about; scripts give the secrets among them by the environment, never as an option."""


def _text(words: str) -> Any:
    return typer.Option(help=words, show_default=False)


def _yes(flag: str, words: str) -> Any:
    """An option that is given or not, without an opposite of its own."""
    return typer.Option(flag, help=words)


def init(
    context: typer.Context,
    *,
    first: Annotated[str, _text("the first company's name")] = "",
    first_platform: Annotated[str, _text("where it chats: slack (when absent) or teams")] = "",
    first_zone: Annotated[str, _text("its time zone, as in America/Chicago")] = "",
    first_hours: Annotated[str, _text("its working hours, as in 09:00-17:00")] = "",
    first_country: Annotated[str, _text("whose public holidays it keeps, as in US or DE-BW")] = "",
    first_workspace: Annotated[str, _text("its Slack workspace id or Microsoft tenant id")] = "",
    second: Annotated[str, _text("the second company's name")] = "",
    second_platform: Annotated[str, _text("where it chats: slack or teams (when absent)")] = "",
    second_zone: Annotated[str, _text("its time zone, as in Europe/Berlin")] = "",
    second_hours: Annotated[str, _text("its working hours")] = "",
    second_country: Annotated[str, _text("whose public holidays it keeps")] = "",
    second_workspace: Annotated[str, _text("its Slack workspace id or Microsoft tenant id")] = "",
    alliance: Annotated[str, _text("the alliance's name")] = "",
    public_url: Annotated[str, _text("the https address at which Slack and Teams call")] = "",
    database_url: Annotated[str, _text("where everything is remembered")] = "",
    socket_mode: Annotated[bool | None, typer.Option(help="reach Slack by Socket Mode", show_default=False)] = None,
    offline: Annotated[bool, _yes("--offline", "ask neither Slack nor Microsoft about the tokens")] = False,
    force: Annotated[bool, _yes("--force", "change files that are there without asking")] = False,
    no_input: Annotated[bool, _yes("--no-input", "ask nothing: options, environment and defaults say it all")] = False,
) -> None:
    """Ask what the liaison needs to know, and write .env and an alliance.yaml to start from.

    Each answer is checked on the spot, tokens by asking Slack and Microsoft; they are not shown while they are pasted.
    Nothing is written before the last answer, and nothing is replaced unasked. A script says --no-input and gives the
    tokens by the environment (LIAISON_SLACK_BOT_TOKEN and so on), the rest by options.
    """
    # Typer gives each option by name; the questions look them up by the name that people typed.
    del first, first_platform, first_zone, first_hours, first_country, first_workspace, alliance, public_url
    del second, second_platform, second_zone, second_hours, second_country, second_workspace, database_url, socket_mode
    try:
        interview = Interview(_given(context, no_input=no_input), asks=not no_input)
        _ask_and_write(interview, offline=offline, force=force)
    except AnswersEnded:
        complain("The answers ended before the questions did. Nothing was written.")
        raise typer.Exit(PROBLEM) from None
    except BadSettings as bad:
        complain(*bad.problems, "Nothing was written.")
        raise typer.Exit(PROBLEM) from None
    except KeyboardInterrupt:
        complain("", "Stopped. Nothing was written.")
        raise typer.Exit(STOPPED) from None


def _ask_and_write(interview: Interview, *, offline: bool, force: bool) -> None:
    before = {variable: text for variable in VARIABLES if (text := written(_field(variable)))}
    _may_write(interview, force=force)
    answers = questions(interview, before, offline=offline)
    if interview.problems:
        _refuse(interview.problems)
    _write(answers)
    _say_what_is_next(answers)


def _given(context: typer.Context, *, no_input: bool) -> dict[str, str]:
    """What the command line says, by option; and, where nobody is asked, what the environment says."""
    flags = {"offline", "force", "no_input"}
    said = {name: value for name, value in context.params.items() if name not in flags and value not in (None, "")}
    given = {f"--{name.replace('_', '-')}": _as_text(value) for name, value in said.items()}
    if no_input:
        given |= {variable: text for variable in VARIABLES if (text := written(_field(variable)))}
    return given


def _as_text(value: object) -> str:
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"


def _field(variable: str) -> str:
    return variable.removeprefix(PREFIX).lower()


def _may_write(interview: Interview, *, force: bool) -> None:
    """Files that are there are changed only after a yes; asked first, so that nobody answers in vain."""
    there = [file for file in (ENV, ALLIANCE) if file.exists()]
    if force or not there:
        return
    names = " and ".join(str(file) for file in there)
    if not interview.asks:
        complain(f"{names} is there already, and was left as it is. To change it: --force. Nothing was written.")
        raise typer.Exit(PROBLEM)
    interview.say(f"There is {names} here already.")
    if ENV in there:
        interview.say("In .env only what is asked about changes; the secret key and everything else stay.")
    if ALLIANCE in there:
        interview.say("alliance.yaml is written anew: what stands in it is lost.")
    if not interview.agrees("--force", f"Change {names}?", default=False):
        complain("Nothing was written.")
        raise typer.Exit(PROBLEM)


def _refuse(problems: list[str]) -> None:
    complain("These answers are needed, or need another look:", *(f"  {problem}" for problem in problems))
    complain("Nothing was written.")
    raise typer.Exit(WRONG_USE)


def _write(answers: Answers) -> None:
    content = alliance_file.text(answers, SystemClock().now().date()).encode()
    checked = check(content)
    if checked.document is None:
        _refuse([f"alliance.yaml:{problem}" for problem in checked.problems])
    held = ENV.read_text(encoding="utf-8") if ENV.exists() else ""
    text = env_file.text(answers.settings, held)
    try:
        write_whole({ENV: text.encode(), ALLIANCE: content}, private=frozenset({ENV}))
    except CannotWrite as trouble:
        complain(f"{trouble} Nothing was written.")
        raise typer.Exit(PROBLEM) from None


def _say_what_is_next(answers: Answers) -> None:
    held = {name: dotenv_values(ENV).get(name) or "" for name in answers.settings}
    empty = [name for name, value in held.items() if not value]
    platforms = {company.platform for company in answers.companies}
    rows = [*(f"liaison manifest {platform}: the app to install" for platform in sorted(platforms))]
    if empty:
        rows.append(f"fill in .env: {', '.join(empty)}")
    if len(platforms) == 1:
        rows.append(f"connect the other company's workspace: liaison workspace add {platforms.pop()}")
    missing = "; ".join(answers.to_fill_in())
    rows.append(
        f"write alliance.yaml further{f' ({missing})' if missing else ''}, then: liaison alliance check {ALLIANCE}"
    )
    rows += ["liaison doctor: proves each piece", f"liaison alliance import {ALLIANCE}", "liaison run"]
    typer.echo(
        "\nWritten: .env, which only you can read, and alliance.yaml, which passes liaison alliance check.\n\nNext:"
    )
    for number, row in enumerate(rows, start=1):
        typer.echo(f"  {number}. {row}")
