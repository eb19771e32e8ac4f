"""Settings: read from the environment and `.env`, every problem told at once, no secret ever shown."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot.settings import (
    MASK,
    BadSettings,
    LogFormat,
    LogLevel,
    Settings,
    is_address,
    is_loopback,
    load_settings,
    unknown_variables,
)

KEY = "a secret key for tests"


@pytest.fixture(autouse=True)
def empty_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without `.env`, and nothing of ours in the environment but what a test sets."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LIAISON_{name.upper()}", raising=False)
    return tmp_path


def with_environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in {"SECRET_KEY": KEY, **variables}.items():
        monkeypatch.setenv(f"LIAISON_{name}", value)


def problems() -> list[str]:
    with pytest.raises(BadSettings) as bad:
        load_settings()
    return bad.value.problems


def test_a_secret_key_is_all_that_must_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(monkeypatch)

    settings = load_settings()

    assert (settings.host, settings.port, settings.database_url) == ("127.0.0.1", 8000, "sqlite:///liaison.db")
    assert not settings.slack_is_on
    assert not settings.teams_is_on


def test_without_a_secret_key_the_operator_is_told_how_to_make_one() -> None:
    (problem,) = problems()

    assert problem.startswith("LIAISON_SECRET_KEY: needed to seal tokens")
    assert "openssl rand -hex 32" in problem


def test_every_problem_is_told_at_once_in_an_operators_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(
        monkeypatch,
        SECRET_KEY="short",
        PORT="eight",
        HOST="0.0.0.0",
        LOG_LEVEL="loud",
        SLACK_BOT_TOKEN="xoxb-1",
        SLACK_API_URL="slack.com/api",
        TEAMS_APP_ID="app",
        TEAMS_ALLOW_UNSIGNED="perhaps",
    )

    told = problems()

    assert [problem.partition(":")[0].removeprefix("LIAISON_") for problem in told] == [
        "SECRET_KEY",
        "PORT",
        "SLACK_API_URL",
        "TEAMS_ALLOW_UNSIGNED",
        "LOG_LEVEL",
        "SLACK_SIGNING_SECRET",
        "TEAMS_APP_PASSWORD",
        "TEAMS_TENANT_ID",
    ]
    assert "LIAISON_PORT: write a whole number" in told
    assert "LIAISON_TEAMS_ALLOW_UNSIGNED: write true or false" in told
    assert not [problem for problem in told if "short" in problem or "xoxb" in problem]


@pytest.mark.parametrize("port", ["-1", "65536", "8000.5"])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(monkeypatch, PORT=port)

    assert [problem.partition(":")[0] for problem in problems()] == ["LIAISON_PORT"]


@pytest.mark.parametrize("nothing", ["", "   "])
def test_an_empty_variable_is_one_that_is_not_set(nothing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name.upper() for name in Settings.model_fields if name != "secret_key"]
    with_environment(monkeypatch, **dict.fromkeys(names, nothing))

    assert load_settings() == Settings(secret_key=SecretStr(KEY))


def test_an_empty_secret_key_is_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(monkeypatch, SECRET_KEY="")

    assert problems()[0].startswith("LIAISON_SECRET_KEY: needed")


def test_spaces_around_a_value_are_not_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(monkeypatch, PORT=" 8001 ", SLACK_BOT_TOKEN="xoxb-1\n", SLACK_SIGNING_SECRET=" s ")

    settings = load_settings()

    assert settings.port == 8001
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"
    assert settings.slack_signing_secret.get_secret_value() == "s"


def test_log_settings_are_understood_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(monkeypatch, LOG_LEVEL="WARNING", LOG_FORMAT="Json")

    settings = load_settings()

    assert (settings.log_level, settings.log_format) == (LogLevel.WARNING, LogFormat.JSON)


# --- .env -------------------------------------------------------------------------------------------


def test_the_file_is_read_and_the_environment_wins(empty_environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = empty_environment / ".env"
    file.write_text(
        f'# ours\nLIAISON_SECRET_KEY="{KEY}"\nLIAISON_PORT=9000\nexport LIAISON_HOST=::1\n', encoding="utf-8"
    )
    monkeypatch.setenv("LIAISON_PORT", "9001")

    settings = load_settings()

    assert (settings.secret_key.get_secret_value(), settings.host, settings.port) == (KEY, "::1", 9001)


def test_an_empty_variable_takes_back_what_the_file_says(
    empty_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_environment / ".env").write_text("LIAISON_SLACK_BOT_TOKEN=xoxb-1\nLIAISON_SLACK_SIGNING_SECRET=s\n")
    with_environment(monkeypatch, SLACK_BOT_TOKEN="")

    assert not load_settings().slack_is_on


def test_a_file_that_cannot_be_read_is_a_problem_in_words(empty_environment: Path) -> None:
    (empty_environment / ".env").write_bytes(b"LIAISON_SECRET_KEY=\xff\xfe\xff")

    assert problems()[0].startswith(".env: it cannot be read")


def test_variables_that_nobody_reads_are_found(empty_environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIAISON_SCHEMAS", raising=False)
    (empty_environment / ".env").write_text("LIAISON_SLACK_TOKEN=xoxb-1\nOTHER=1\n")
    with_environment(monkeypatch, TEAMS_APPID="x", NEW_TOKEN="xoxb-2")

    assert unknown_variables() == ["LIAISON_SLACK_TOKEN", "LIAISON_TEAMS_APPID"]


# --- what must go together ------------------------------------------------------------------------------


@pytest.mark.parametrize("beside", ["SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"])
def test_a_bot_token_needs_a_way_to_hear_slack(beside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(monkeypatch, SLACK_BOT_TOKEN="xoxb-1")
    assert problems()[0].startswith("LIAISON_SLACK_SIGNING_SECRET: needed beside LIAISON_SLACK_BOT_TOKEN")

    monkeypatch.setenv(f"LIAISON_{beside}", "x")

    assert load_settings().slack_is_on


@pytest.mark.parametrize(("host", "allowed"), [("127.0.0.1", True), ("::1", True), ("localhost", True)])
def test_unsigned_activities_are_taken_on_this_machine(
    host: str, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_environment(monkeypatch, TEAMS_ALLOW_UNSIGNED="true", HOST=host)

    assert load_settings().teams_is_on is allowed


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "liaison.example", "127.0.0.1.example"])
def test_unsigned_activities_are_refused_where_others_can_call(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(monkeypatch, TEAMS_ALLOW_UNSIGNED="true", HOST=host)

    (problem,) = problems()

    assert problem.startswith("LIAISON_TEAMS_ALLOW_UNSIGNED: refused unless LIAISON_HOST is a loopback address")


def test_settings_cannot_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(monkeypatch)

    with pytest.raises(ValidationError):
        load_settings().port = 1  # type: ignore[misc]  # that it cannot be is what is tested


# --- shown ----------------------------------------------------------------------------------------------


def test_every_setting_is_shown_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ("SECRET_KEY", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "TEAMS_APP_PASSWORD")
    with_environment(monkeypatch, **{name: f"very-secret-{name}" for name in secrets})

    settings = load_settings()

    assert "very-secret" not in json.dumps(settings.shown())
    assert "very-secret" not in repr(settings)
    assert {settings.shown()[f"LIAISON_{name}"] for name in secrets} == {MASK}
    assert list(settings.shown()) == [f"LIAISON_{name.upper()}" for name in Settings.model_fields]
    assert settings.shown()["LIAISON_TEAMS_ALLOW_UNSIGNED"] == "false"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///liaison.db", "sqlite:///liaison.db"),
        ("postgresql://ann@host/db", "postgresql://ann@host/db"),
        ("postgresql://ann:pw@host:5432/db", f"postgresql://ann:{MASK}@host:5432/db"),
        ("postgresql://ann:p/w@x@host/db", f"postgresql://ann:{MASK}@host/db"),
        ("postgresql://:pw@host/db", f"postgresql://:{MASK}@host/db"),
        ("postgresql+psycopg://ann:pw@[::1]/db", f"postgresql+psycopg://ann:{MASK}@[::1]/db"),
        ("postgresql:///db?user=ann&password=pw&host=h", f"postgresql:///db?user=ann&password={MASK}&host=h"),
        ("postgresql://ann:[pw@host/db", f"postgresql://ann:{MASK}@host/db"),
    ],
)
def test_the_databases_password_is_masked_wherever_it_stands(url: str, shown: str) -> None:
    settings = Settings(secret_key=SecretStr(KEY), database_url=url)

    assert settings.shown()["LIAISON_DATABASE_URL"] == shown


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("https://slack.com/api/", True),
        ("http://127.0.0.1:9000", True),
        ("http://[::1]:9000/api", True),
        ("slack.com", False),
        ("ftp://slack.com", False),
        ("http://", False),
        ("http://:80/", False),
        ("http://[", False),
        ("http://host:port/", False),
    ],
)
def test_an_address_names_how_and_where(url: str, whole: bool) -> None:
    assert is_address(url) is whole


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.8.8.8", True), ("::1", True), ("10.0.0.1", False), ("", False), ("localhost.", False)]
)
def test_loopback_is_what_only_this_machine_reaches(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
