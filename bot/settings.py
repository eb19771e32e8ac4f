"""Settings: read once from the environment and `.env`, checked together, passed in."""

import ipaddress
import os
import re
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "LIAISON_"
NEW_TOKEN = f"{PREFIX}NEW_TOKEN"
"""Not a setting: what `liaison workspace add` takes a bot token from."""
TEAMS_LOGIN_URL = "https://login.microsoftonline.com"
TEAMS_OPENID_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
SLACK_API_URL = "https://slack.com/api/"
MASK = "••••••••"
_PASSWORDS = re.compile(r"(?<=://)([^:/@]*):.*@|([?&]\w*(?:password|passwd|secret|key)\w*=)[^&]*", re.IGNORECASE)
"""In a database's address: before the last @, as SQLAlchemy reads it, and in what follows the question mark."""
_FOR_EXAMPLE = "for example: openssl rand -hex 32"
_SAID = {
    "missing": f"needed to seal tokens: at least 16 random characters, {_FOR_EXAMPLE}",
    "int_parsing": "write a whole number",
    "bool_parsing": "write true or false",
}
"""pydantic's kinds of problems, in an operator's words; the others' own words will do."""


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class BadSettings(Exception):
    """The settings cannot be used; each problem is one line, named by its variable."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """One frozen object. Slack and Teams are each on when their variables are there; the first workspace of each."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", frozen=True, extra="ignore"
    )

    database_url: str = "sqlite:///liaison.db"
    secret_key: SecretStr
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    slack_bot_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_api_url: str = SLACK_API_URL
    teams_app_id: str = ""
    teams_app_password: SecretStr = SecretStr("")
    teams_tenant_id: str = ""
    teams_login_url: str = TEAMS_LOGIN_URL
    teams_openid_url: str = TEAMS_OPENID_URL
    teams_allow_unsigned: bool = False
    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.TEXT

    @property
    def slack_is_on(self) -> bool:
        return bool(self.slack_bot_token.get_secret_value())

    @property
    def teams_is_on(self) -> bool:
        return bool(self.teams_app_id) or self.teams_allow_unsigned

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_absent(cls, given: Any) -> Any:
        """An empty variable, as in `LIAISON_PORT=`, is one that was not set; spaces around a value are not meant."""
        if not isinstance(given, dict):
            return given
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _in_any_case(cls, word: Any) -> Any:
        return word.lower() if isinstance(word, str) else word

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        keys = [key.strip() for key in secret.get_secret_value().split(",") if key.strip()]
        if not keys or any(len(key) < 16 for key in keys):
            raise ValueError(f"use at least 16 random characters, {_FOR_EXAMPLE}")
        return secret

    @field_validator("port")
    @classmethod
    def _a_port(cls, port: int) -> int:
        if not 0 <= port <= 65535:
            raise ValueError("a port is a number from 0 to 65535")
        return port

    @field_validator("slack_api_url", "teams_login_url", "teams_openid_url", "public_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if url and not is_address(url):
            raise ValueError("write a whole address, with http:// or https://")
        return url

    @model_validator(mode="after")
    def _together(self) -> Self:
        problems = [*self._slack_problems(), *self._teams_problems()]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _slack_problems(self) -> list[str]:
        signs = self.slack_signing_secret.get_secret_value() or self.slack_app_token.get_secret_value()
        if self.slack_is_on and not signs:
            either = f"or {PREFIX}SLACK_APP_TOKEN for Socket Mode"
            return [f"{PREFIX}SLACK_SIGNING_SECRET: needed beside {PREFIX}SLACK_BOT_TOKEN, {either}"]
        return []

    def _teams_problems(self) -> list[str]:
        problems = []
        if self.teams_allow_unsigned and not is_loopback(self.host):
            problems.append(
                f"{PREFIX}TEAMS_ALLOW_UNSIGNED: refused unless {PREFIX}HOST is a loopback address, "
                "because anybody could speak as anybody"
            )
        if self.teams_app_id and not self.teams_allow_unsigned:
            missing = [
                name
                for name, value in (
                    ("TEAMS_APP_PASSWORD", self.teams_app_password.get_secret_value()),
                    ("TEAMS_TENANT_ID", self.teams_tenant_id),
                )
                if not value
            ]
            problems += [f"{PREFIX}{name}: needed beside {PREFIX}TEAMS_APP_ID" for name in missing]
        return problems

    def shown(self) -> dict[str, str]:
        """Every setting by its variable's name; secrets are masked, empty ones stay visibly empty."""
        shown = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                shown[PREFIX + name.upper()] = MASK if value.get_secret_value() else ""
            elif name == "database_url":
                shown[PREFIX + name.upper()] = _without_password(value)
            else:
                shown[PREFIX + name.upper()] = str(value).lower() if isinstance(value, bool) else str(value)
        return shown


def load_settings() -> Settings:
    """Read the settings; raises BadSettings with every problem at once."""
    stand_ins: dict[str, Any] = {}
    problems: list[str] = []
    while True:
        try:
            settings = Settings(**stand_ins)
        except (OSError, UnicodeDecodeError) as error:
            raise BadSettings([f".env: it cannot be read: {error}"]) from None
        except ValidationError as error:
            found, wrong = _problems(error)
            problems += [problem for problem in found if problem not in problems]
            if not wrong - stand_ins.keys():
                break
            # A field that is wrong by itself gets a harmless value, so that the checks across fields run too.
            stand_ins |= {name: _harmless(name) for name in wrong}
        else:
            if not problems:
                return settings
            break
    raise BadSettings(problems)


def written(name: str) -> str:
    """One setting as it is written now, unchecked, "" when it is not: for commands that run before all are there."""
    variable = PREFIX + name.upper()
    try:
        return (os.environ.get(variable) or dotenv_values(".env").get(variable) or "").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings([f".env: it cannot be read: {error}"]) from None


def unknown_variables() -> list[str]:
    """Variables that begin like settings and are none: most often a slip of the pen."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {NEW_TOKEN}
    found = {name.upper() for name in (*os.environ, *dotenv_values(".env"))}
    return sorted(name for name in found - known if name.startswith(PREFIX))


def _problems(error: ValidationError) -> tuple[list[str], set[str]]:
    """Each problem as a line, and the fields that are wrong by themselves."""
    lines: list[str] = []
    fields: set[str] = set()
    for part in error.errors():
        text = _SAID.get(part["type"]) or part["msg"].removeprefix("Value error, ")
        if part["loc"]:
            name = str(part["loc"][0])
            fields.add(name)
            lines.append(f"{PREFIX}{name.upper()}: {text}")
        else:
            lines += text.split("\n")
    return lines, fields


def _harmless(name: str) -> Any:
    return "x" * 16 if name == "secret_key" else Settings.model_fields[name].get_default()


def is_guid(text: str) -> bool:
    """Whether it has the shape of the ids that Microsoft gives: 8-4-4-4-12 hexadecimal digits."""
    return bool(re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_address(url: str) -> bool:
    """Whether it is a whole http address of some host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _without_password(url: str) -> str:
    return _PASSWORDS.sub(lambda found: f"{found[2]}{MASK}" if found[2] else f"{found[1]}:{MASK}@", url)
