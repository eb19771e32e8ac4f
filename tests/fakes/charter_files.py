"""The sample alliance.yaml with something replaced, so that a test names only what is wrong in it."""

from pathlib import Path

from bot.charter_file.checking import check
from bot.charter_file.document import Document

SAMPLE = Path(__file__).parents[2] / "sandbox" / "alliance.yaml"


def sample_with(*replacements: tuple[str, str]) -> bytes:
    """The sample file with each text, which must stand in it, replaced once."""
    text = SAMPLE.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def document_with(*replacements: tuple[str, str]) -> Document:
    """The same, checked; it must be without problems."""
    checked = check(sample_with(*replacements))
    assert checked.document is not None, checked.problems
    return checked.document


def line_of(content: bytes, text: str) -> int:
    """The line on which the text first stands, from 1."""
    return content.decode().partition(text)[0].count("\n") + 1
