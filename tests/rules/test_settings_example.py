"""What operators copy agrees with what is read: `.env.example`, the image and the compose file with Settings."""

import re
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr

from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
VARIABLES = [PREFIX + name.upper() for name in Settings.model_fields]


def test_the_example_names_every_setting_in_its_order_and_no_other() -> None:
    assert list(dotenv_values(ROOT / ".env.example")) == VARIABLES


def test_the_example_says_what_is_in_force_without_it() -> None:
    filled_in = {name: value for name, value in dotenv_values(ROOT / ".env.example").items() if value}
    defaults = Settings(_env_file=None, secret_key=SecretStr("a secret key for tests")).shown()

    assert {name: defaults[name] for name in filled_in} == filled_in


def test_the_example_holds_no_secret() -> None:
    secret = [PREFIX + name.upper() for name, field in Settings.model_fields.items() if field.annotation is SecretStr]
    example = dotenv_values(ROOT / ".env.example")

    assert len(secret) == 5
    assert [example[name] for name in secret] == [""] * 5


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml", "compose.sqlite.yaml"])
def test_the_image_sets_only_what_is_read(file: str) -> None:
    named = set(re.findall(rf"{PREFIX}[A-Z_]+", (ROOT / file).read_text(encoding="utf-8")))

    assert named
    assert named <= set(VARIABLES)
