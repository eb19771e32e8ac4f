"""A file's bytes to a checked document, or to all that is wrong with them, in the order of the lines."""

from dataclasses import dataclass

from pydantic import ValidationError

from bot.charter_file import charter_checks, company_checks
from bot.charter_file.document import Document
from bot.charter_file.parts import Parts
from bot.charter_file.problems import path_of, sentence_of
from bot.charter_file.reading import Path, Problem, Source, read, under


@dataclass(frozen=True, slots=True)
class Checked:
    """Either a document that can be imported, or problems."""

    document: Document | None
    problems: tuple[Problem, ...]


def check(content: bytes) -> Checked:
    """Check a file whole: whatever is wrong is told at once, and once."""
    source = read(content)
    if not source.whole:
        return Checked(None, tuple(sorted(set(source.problems))))
    if not isinstance(source.tree, dict):
        source.complain((), 'A charter file begins with fields, as in "alliance:".')
        return Checked(None, tuple(source.problems))
    document = _document(source)
    parts = Parts(source.tree)
    for path, sentence in (*company_checks.findings(parts), *charter_checks.findings(parts)):
        _complain(source, path, sentence)
    problems = tuple(sorted(set(source.problems)))
    return Checked(None if problems else document, problems)


def _document(source: Source) -> Document | None:
    try:
        return Document.model_validate(source.tree)
    except ValidationError as wrong:
        for error in wrong.errors(include_url=False):
            _complain(source, path_of(error), sentence_of(error))
        return None


def _complain(source: Source, path: Path, sentence: str) -> None:
    if not under(path, source.broken):
        source.complain(path, sentence)
