"""A migration only adds, so that the version before goes on beside this one; or it says whom it leaves behind.

docs/explanation/updates.md tells why. What only adds is let through; everything else needs `contracts`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from storage.schema import MIGRATIONS, known_revisions
from storage.upgrading import alembic_config

FILES = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
TAKES_AWAY = {
    "alter_column": "changes a column",
    "create_check_constraint": "forbids what was allowed",
    "create_exclude_constraint": "forbids what was allowed",
    "create_foreign_key": "forbids what was allowed",
    "create_primary_key": "forbids what was allowed",
    "create_unique_constraint": "forbids what was allowed",
    "drop_column": "drops a column",
    "drop_table": "drops a table",
    "rename_table": "renames a table",
}
IN_WORDS = re.compile(r"\b(DROP|RENAME|ALTER|TRUNCATE|DELETE)\b", re.IGNORECASE)


def changes(source: str) -> Iterator[str]:
    """What a migration does that the version before may not survive."""
    made = set(re.findall(r'create_table\(\s*"(\w+)"', source))
    forward = [node for node in ast.parse(source).body if getattr(node, "name", "") != "downgrade"]
    for call in (node for part in forward for node in ast.walk(part) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        words = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if name in TAKES_AWAY:
            yield f"{name} {TAKES_AWAY[name]}"
        elif name == "add_column" and asks_for_a_value(call):
            yield "add_column asks for a value that the version before does not give"
        elif name == "create_index" and is_said(call, "unique") and not made.intersection(words):
            yield "create_index forbids what was allowed"
        elif name == "execute" and any(IN_WORDS.search(sentence) for sentence in words):
            yield f"execute: {words[0]}"


def asks_for_a_value(call: ast.Call) -> bool:
    """Whether rows cannot be written without the column that is added."""
    columns = [node for node in ast.walk(call) if isinstance(node, ast.Call) and node is not call]
    columns = [one for one in columns if isinstance(one.func, ast.Attribute) and one.func.attr == "Column"]
    return any(
        any(word.arg == "nullable" and getattr(word.value, "value", None) is False for word in column.keywords)
        and not any(word.arg == "server_default" for word in column.keywords)
        for column in columns
    )


def is_said(call: ast.Call, name: str) -> bool:
    return any(word.arg == name and getattr(word.value, "value", None) is True for word in call.keywords)


def contracts(source: str) -> str | None:
    """The oldest version's schema that can work with what is left, as the migration says."""
    found = re.search(r'^contracts = "(\d{4})"$', source, re.MULTILINE)
    return found[1] if found else None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_migration_only_adds_or_says_whom_it_leaves_behind(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    number = file.name[:4]

    found = list(changes(source))
    oldest = contracts(source)

    assert not found or oldest, f"{file.name}: {found}: add first, take away a version later (updates.md)"
    assert oldest is None or "0001" < oldest < number, f"{file.name}: the version before it must go on"


def test_migrations_are_numbered_one_after_the_other() -> None:
    assert [file.name[:4] for file in FILES] == [f"{number:04}" for number in range(1, len(FILES) + 1)]


@pytest.mark.parametrize(
    ("line", "is_an_addition"),
    [
        ('op.create_table("colours", sa.Column("name", sa.String(), nullable=False))', True),
        ('op.add_column("pulses", sa.Column("colour", sa.String(), nullable=True))', True),
        ('op.add_column("pulses", sa.Column("n", sa.Integer(), nullable=False, server_default="0"))', True),
        ('op.create_index("by_colour", "pulses", ["colour"])', True),
        ('op.drop_index("by_colour")', True),
        ('op.execute("INSERT INTO colours SELECT name FROM pulses")', True),
        ('op.add_column("pulses", sa.Column("colour", sa.String(), nullable=False))', False),
        ('op.create_index("by_colour", "pulses", ["colour"], unique=True)', False),
        ('op.drop_column("pulses", "colour")', False),
        ('op.drop_table("pulses")', False),
        ('op.alter_column("pulses", "colour", nullable=False)', False),
        ('batch_op.drop_column("colour")', False),
        ('op.execute("ALTER TABLE pulses RENAME TO beats")', False),
    ],
)
def test_what_counts_as_an_addition(line: str, is_an_addition: bool) -> None:
    assert (not list(changes(line))) is is_an_addition


def test_the_files_are_numbered_in_the_order_in_which_alembic_takes_them() -> None:
    scripts = ScriptDirectory.from_config(alembic_config()).walk_revisions()

    assert known_revisions() == tuple(script.revision for script in scripts)
