"""The published schemas, where the environment variable LIAISON_SCHEMAS names their folder."""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ADAPTIVE_CARD = "adaptive-card-1.5.0.json"


def published(name: str) -> Any:
    """The schema of that file name; the test is skipped, and says so, where no folder is named."""
    folder = os.environ.get("LIAISON_SCHEMAS")
    if not folder:
        pytest.skip("LIAISON_SCHEMAS names no folder with the published schemas")
    return json.loads((Path(folder) / name).read_text(encoding="utf-8"))


def adaptive_card_problems(card: dict[str, Any]) -> list[str]:
    """What the published Adaptive Cards 1.5 schema finds wrong with a card; Teams' own additions are left out."""
    schema = jsonschema.Draft6Validator(published(ADAPTIVE_CARD))
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in schema.iter_errors(_plain(card))]


def _plain(part: Any) -> Any:
    match part:
        case dict():
            return {key: _plain(value) for key, value in part.items() if key != "msteams"}
        case list():
            return [_plain(item) for item in part]
        case _:
            return part
