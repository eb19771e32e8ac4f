"""The layers hold, and the inner rooms import nothing that design has not allowed them."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("alliance", "storage", "handlers", "schedules", "bot", "sandbox")
MAY_IMPORT = {
    "alliance": {"dateutil", "holidays"},
    "storage": {"alembic", "cryptography", "pydantic", "sqlalchemy", "sqlmodel"},
    "handlers": set[str](),
    "schedules": {"apscheduler", "procrastinate"},
}
LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"


def imported_by(source: str) -> Iterator[str]:
    """Give the first part of every module that the source imports, wherever the import stands."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case _:
                pass


def test_the_reader_sees_every_kind_of_import() -> None:
    source = "import a.b, c\nfrom d.e import f\ndef late():\n    import g as h\n"

    assert set(imported_by(source)) == {"a", "c", "d", "g"}


@pytest.mark.parametrize(("room", "allowed"), MAY_IMPORT.items(), ids=MAY_IMPORT)
def test_an_inner_room_imports_only_what_it_may(room: str, allowed: set[str]) -> None:
    known = allowed | set(ROOMS) | sys.stdlib_module_names

    strangers = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / room).rglob("*.py")
        for name in imported_by(path.read_text(encoding="utf-8"))
        if name not in known
    }

    assert strangers == set()


def test_every_layer_contract_is_kept() -> None:
    lint = subprocess.run([sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True, check=False)

    assert lint.returncode == 0, lint.stdout + lint.stderr
